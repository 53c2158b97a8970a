//! To walk over all slots that have an entry, in the order of their hashes, without a lock or the heap.
//!
//! *Only Down* makes it right: what is pushed down stays behind the slot it was in, so a walk that goes on
//! to the next slot misses nothing that was there all the time and meets nothing twice (SEMANTICS Q4). A slot
//! that was empty when its node's turn came had nothing that was there all the time.

use super::bin::Bin;
use super::slot::{Slot, Word};
use super::trie::{Below, DEPTH, Trie, WAYS};

/// What is left of the nodes between the root and the one whose turn it is.
type Path<'a, K, V> = [Turn<'a, K, V>; DEPTH];

/// A node, and which of its slots are still to be looked at: those that were not empty when its turn came. Most
/// are empty, in no order that could be foreseen, so they are found out without a branch for each.
struct Turn<'a, K, V> {
    slots: &'a [Slot<K, V>],
    left: u32,
}

impl<'a, K, V> Turn<'a, K, V> {
    const OVER: Self = Self { slots: &[], left: 0 };

    #[inline]
    fn of(slots: &'a [Slot<K, V>; WAYS]) -> Self {
        let mut left = 0;
        for slot in slots.iter().rev() {
            left = left << 1 | u32::from(!slot.load().is_empty());
        }
        Self { slots, left }
    }
}

impl<'a, K, V> Iterator for Turn<'a, K, V> {
    type Item = &'a Slot<K, V>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let at = self.left.trailing_zeros();
        self.left &= self.left.wrapping_sub(1);
        self.slots.get(at as usize)
    }
}

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
    let mut path: Path<'a, K, V> = [const { Turn::OVER }; DEPTH];
    let (mut rest, mut depth) = (Turn::of(trie.root().slots()), 0);
    loop {
        let Some(slot) = rest.next() else {
            if depth == 0 {
                return;
            }
            depth -= 1;
            rest = core::mem::replace(&mut path[depth], Turn::OVER);
            continue;
        };
        match entries(slot, &mut each) {
            Step::Next => {}
            Step::Stop => return,
            Step::Again => match Below::of(slot.load(), depth) {
                Below::Node(node) => {
                    path[depth] = core::mem::replace(&mut rest, Turn::of(node.slots()));
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
