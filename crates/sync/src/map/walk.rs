//! To walk over all slots that have an entry, in the order of their hashes, without a lock or the heap.
//!
//! *Only Down* makes it right: what is pushed down stays behind the slot it was in, so a walk that goes on
//! to the next slot misses nothing that was there all the time and meets nothing twice (SEMANTICS Q4).

use super::bin::Bin;
use super::slot::{Slot, Word};
use super::trie::{Below, DEPTH, Trie};
use core::slice::Iter;

/// What is left of the nodes between the root and the one whose turn it is.
type Path<'a, K, V> = [Iter<'a, Slot<K, V>>; DEPTH];

/// What is to be done after a look at a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Go on to the next slot.
    Next,
    /// The slot no longer has that entry: look again.
    Again,
    Stop,
}

/// Calls `each` with the slots that have an entry, until it says `Stop`.
pub(super) fn walk<'a, K, V>(
    trie: &'a Trie<K, V>,
    mut each: impl FnMut(&'a Slot<K, V>, Word<K, V>) -> Step,
) {
    let mut path: Path<'a, K, V> = core::array::from_fn(|_| Iter::default());
    let (mut rest, mut depth) = (trie.root().slots().iter(), 0);
    loop {
        let Some(slot) = rest.next() else {
            if depth == 0 {
                return;
            }
            depth -= 1;
            rest = core::mem::take(&mut path[depth]);
            continue;
        };
        match entries(slot, &mut each) {
            Step::Next => {}
            Step::Stop => return,
            Step::Again => match Below::of(slot.load(), depth) {
                Below::Node(node) => {
                    path[depth] = core::mem::replace(&mut rest, node.slots().iter());
                    depth += 1;
                }
                Below::Bin(bin) => {
                    if walk_bin(bin, &mut each) == Step::Stop {
                        return;
                    }
                }
            },
        }
    }
}

/// Looks at a slot until it is done with, or (`Again`) there is a node or bin below it.
#[inline]
fn entries<'a, K, V>(
    slot: &'a Slot<K, V>,
    each: &mut impl FnMut(&'a Slot<K, V>, Word<K, V>) -> Step,
) -> Step {
    loop {
        let word = slot.load();
        if word.is_empty() {
            return Step::Next;
        }
        if word.is_inner() {
            return Step::Again;
        }
        match each(slot, word) {
            Step::Again => {}
            done => return done,
        }
    }
}

fn walk_bin<'a, K, V>(
    bin: &'a Bin<K, V>,
    each: &mut impl FnMut(&'a Slot<K, V>, Word<K, V>) -> Step,
) -> Step {
    let version = bin.version();
    let mut old_ones = |place: &'a Slot<K, V>, word: Word<K, V>| {
        // SAFETY: Type-Stable; if the age is another tenant's, the slot no longer has the entry.
        let young = unsafe { word.entry().as_ref() }.age() > version; // Ages
        match young {
            true if place.still(word) => Step::Next,
            true => Step::Again,
            false => each(place, word),
        }
    };
    for place in bin.places() {
        if entries(place, &mut old_ones) == Step::Stop {
            return Step::Stop;
        }
    }
    Step::Next
}
