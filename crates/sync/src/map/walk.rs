//! To walk over all entries, in the order of their hashes, without a lock, a copy or the heap.
//!
//! *Only Down* makes it right: what is pushed down stays behind the slot it was in, so a walk that goes on
//! to the next slot misses nothing that was there all the time and meets nothing twice (SEMANTICS Q4).

use super::bin::{Bin, occupant};
use super::entry::Held;
use super::slot::Slot;
use super::trie::{Below, DEPTH, Inside, Node, Trie, look};
use core::slice::Iter;

/// The nodes between the root and the slot whose turn it is, and what is left of each.
type Path<'a, K, V> = [Option<Iter<'a, Slot<K, V>>>; DEPTH];

/// Calls `each` with every entry and its slot, until it says false.
pub(super) fn walk<'a, K, V>(
    trie: &'a Trie<K, V>,
    mut each: impl FnMut(&'a Slot<K, V>, Held<'a, K, V>) -> bool,
) {
    let mut path: Path<'a, K, V> = [const { None }; DEPTH];
    let rest = |node: &'a Node<K, V>| Some(node.slots().iter());
    path[0] = rest(trie.root());
    let mut depth = 0;
    loop {
        let Some(slot) = path[depth].as_mut().and_then(Iter::next) else {
            if depth == 0 {
                return;
            }
            depth -= 1;
            continue;
        };
        match look(slot, depth, trie.store()) {
            Inside::Nothing => {}
            Inside::Below(Below::Node(node)) => {
                depth += 1;
                path[depth] = rest(node);
            }
            Inside::Entry(held) => {
                if !each(slot, held) {
                    return;
                }
            }
            Inside::Below(Below::Bin(bin)) => {
                if !walk_bin(trie, bin, &mut each) {
                    return;
                }
            }
        }
    }
}

fn walk_bin<'a, K, V>(
    trie: &'a Trie<K, V>,
    bin: &'a Bin<K, V>,
    each: &mut impl FnMut(&'a Slot<K, V>, Held<'a, K, V>) -> bool,
) -> bool {
    let version = bin.version();
    for place in bin.places() {
        let held = occupant(place, trie.store()).filter(|held| held.age() <= version); // Ages
        if let Some(held) = held
            && !each(place, held)
        {
            return false;
        }
    }
    true
}
