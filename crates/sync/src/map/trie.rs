//! The trie: sixteen ways at each node, by four bits of the hash at a time, the highest first.
//!
//! Every change is one exchange of one slot (see `slot`), or of one bin's version (see `bin`), so readers
//! take no lock and wait for nobody, and neither do writers. While the user's functions compare, clone or
//! look at something, nothing is held but references to entries.
//!
//! *Only Down*: an entry moves further down when a second one comes to its slot, and never up or aside.
//! Nodes stay until the map is dropped. Their number is bounded by the prefixes that two keys had at one
//! time: with hashes that are spread evenly, about a quarter of the most keys that there were.

use super::bin::{Bin, Search};
use super::entry::{Held, Store};
use super::slot::{Slot, Word};
use super::walk::{Step, walk};

const BITS: u32 = 4;
pub(super) const WAYS: usize = 1 << BITS;
/// How many levels of nodes there can be; below are bins. A model has few.
pub(super) const DEPTH: usize =
    if gaggle_prim::MODEL { 2 } else { u64::BITS as usize / BITS as usize };

/// One node.
pub(super) struct Node<K, V> {
    slots: [Slot<K, V>; WAYS],
}

impl<K, V> Node<K, V> {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    const fn new() -> Self {
        Self { slots: [const { Slot::new() }; WAYS] }
    }

    #[cfg(loom)] // loom's atomics have no const constructors
    fn new() -> Self {
        Self { slots: core::array::from_fn(|_| Slot::new()) }
    }

    pub(super) fn slots(&self) -> &[Slot<K, V>; WAYS] {
        &self.slots
    }
}

#[inline]
fn way(hash: u64, depth: usize) -> usize {
    (hash << (depth as u32 * BITS) >> (u64::BITS - BITS)) as usize
}

/// What is below a slot of a node at some depth.
pub(super) enum Below<'a, K, V> {
    Node(&'a Node<K, V>),
    Bin(&'a Bin<K, V>),
}

impl<K, V> Below<'_, K, V> {
    /// The inner word of a slot at `depth`.
    #[inline]
    pub(super) fn of(word: Word<K, V>, depth: usize) -> Self {
        if depth + 1 == DEPTH {
            // SAFETY: Only Down: it stays; and below the deepest nodes there are bins.
            Below::Bin(unsafe { word.inner::<Bin<K, V>>().as_ref() })
        } else {
            // SAFETY: Only Down: it stays; and above the bins there are nodes.
            Below::Node(unsafe { word.inner::<Node<K, V>>().as_ref() })
        }
    }
}

/// Where a key was looked for and not found.
pub(super) enum Gap<'a, K, V> {
    /// An empty slot.
    Free(&'a Slot<K, V>),
    /// A slot, at this depth, with another key's entry.
    Taken(&'a Slot<K, V>, usize, Held<'a, K, V>),
    /// A bin that did not have it at this version.
    Bin(&'a Bin<K, V>, u64),
}

/// What a search for writing came to.
pub(super) enum Found<'a, K, V> {
    Here(&'a Slot<K, V>, Held<'a, K, V>),
    Absent(Gap<'a, K, V>),
}

/// The trie of one map.
pub(super) struct Trie<K, V> {
    root: Node<K, V>,
    store: Store<K, V>,
}

impl<K, V> Trie<K, V> {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(super) const fn new() -> Self {
        Self { root: Node::new(), store: Store::new() }
    }

    #[cfg(loom)] // loom's atomics have no const constructors
    pub(super) fn new() -> Self {
        Self { root: Node::new(), store: Store::new() }
    }

    pub(super) fn root(&self) -> &Node<K, V> {
        &self.root
    }

    pub(super) fn store(&self) -> &Store<K, V> {
        &self.store
    }

    /// The slot at which the search for `hash` ends, its depth and its word.
    #[inline]
    fn descend(&self, hash: u64) -> (&Slot<K, V>, usize, Word<K, V>) {
        let (mut node, mut depth) = (&self.root, 0);
        loop {
            let slot = &node.slots[way(hash, depth)];
            let word = slot.load();
            if !word.is_inner() {
                return (slot, depth, word);
            }
            match Below::of(word, depth) {
                Below::Node(below) => node = below,
                Below::Bin(_) => return (slot, depth, word),
            }
            depth += 1;
        }
    }

    /// The entry of the key that `is` knows.
    #[inline]
    pub(super) fn get(&self, hash: u64, is: impl Fn(&K) -> bool) -> Option<Held<'_, K, V>> {
        loop {
            let (slot, depth, word) = self.descend(hash);
            if word.is_empty() {
                return None;
            }
            if word.is_inner() {
                return self.get_in_bin(word, depth, is);
            }
            if slot.has_other_hash(word, hash) {
                return None;
            }
            if let Some(held) = slot.hold(word, &self.store) {
                return is(held.key()).then_some(held);
            }
        }
    }

    #[cold]
    fn get_in_bin(
        &self,
        word: Word<K, V>,
        depth: usize,
        is: impl Fn(&K) -> bool,
    ) -> Option<Held<'_, K, V>> {
        let Below::Bin(bin) = Below::of(word, depth) else { return None };
        match bin.search(is, &self.store) {
            Search::Here(_, held) => Some(held),
            Search::Absent(_) => None,
        }
    }

    /// The entry of the key that `is` knows, and its slot; or where it would be.
    pub(super) fn find(&self, hash: u64, is: impl Fn(&K) -> bool) -> Found<'_, K, V> {
        loop {
            let (slot, depth, word) = self.descend(hash);
            if word.is_empty() {
                return Found::Absent(Gap::Free(slot));
            }
            if word.is_inner() {
                let Below::Bin(bin) = Below::of(word, depth) else { continue };
                return match bin.search(is, &self.store) {
                    Search::Here(place, held) => Found::Here(place, held),
                    Search::Absent(version) => Found::Absent(Gap::Bin(bin, version)),
                };
            }
            if let Some(held) = slot.hold(word, &self.store) {
                let same = held.hash() == hash && is(held.key());
                return match same {
                    true => Found::Here(slot, held),
                    false => Found::Absent(Gap::Taken(slot, depth, held)),
                };
            }
        }
    }

    /// Takes out and drops every entry that is there when its slot's turn comes (SEMANTICS Q5).
    pub(super) fn clear(&self) {
        walk(self, |slot, word| {
            let Some(held) = slot.hold(word, &self.store) else { return Step::Again };
            match slot.remove(held) {
                Some(_taken) => Step::Next,
                None => Step::Again,
            }
        });
    }

    /// Calls `each` with every key and value, until it says false (SEMANTICS Q4).
    pub(super) fn range(&self, mut each: impl FnMut(&K, &V) -> bool) {
        let let_go = |gone| self.store.let_go(gone);
        self.store.walkers().with(let_go, |look| {
            walk(self, |slot, word| match look.at(word.entry(), || slot.still(word), &mut each) {
                Some(true) => Step::Next,
                Some(false) => Step::Stop,
                None => Step::Again,
            });
        });
    }
}

impl<'a, K, V> Gap<'a, K, V> {
    /// Puts `new` there.
    ///
    /// # Errors
    ///
    /// Somebody was faster; `new` comes back.
    pub(super) fn fill(self, new: Held<'a, K, V>) -> Result<(), Held<'a, K, V>> {
        match self {
            Gap::Free(slot) => slot.fill(new),
            Gap::Bin(bin, version) => bin.insert(version, new),
            Gap::Taken(slot, depth, old) => {
                let inner = both(&old, &new, depth + 1);
                if slot.push_down(&old, inner) {
                    new.into_trie();
                    return Ok(());
                }
                // SAFETY: nobody else has seen it; the entries in it are not freed with it.
                unsafe { destroy(inner, depth) };
                Err(new)
            }
        }
    }
}

/// What is to be below a slot that two entries come to: nodes down to where their hashes differ.
fn both<K, V>(old: &Held<'_, K, V>, new: &Held<'_, K, V>, depth: usize) -> Word<K, V> {
    let words = [old, new].map(|held| Word::of_entry(held.as_ptr()));
    if depth == DEPTH {
        return Word::of_inner(Box::new(Bin::of_two(words[0], words[1])));
    }
    let mut node = Node::new();
    let ways = [old, new].map(|held| way(held.hash(), depth));
    if ways[0] == ways[1] {
        node.slots[ways[0]].init(both(old, new, depth + 1));
    } else {
        node.slots[ways[0]].init(words[0]);
        node.slots[ways[1]].init(words[1]);
    }
    Word::of_inner(Box::new(node))
}

/// Frees the nodes and bins below a slot at `depth`.
///
/// # Safety
///
/// Nobody else can see them any more.
unsafe fn destroy<K, V>(word: Word<K, V>, depth: usize) {
    if word.is_empty() || !word.is_inner() {
        return; // entries are freed with their chunks
    }
    if depth + 1 == DEPTH {
        // SAFETY: the caller's promise.
        return unsafe { Bin::<K, V>::destroy(word.inner()) };
    }
    // SAFETY: the caller's promise; it came from a box.
    let node = unsafe { Box::from_raw(word.inner::<Node<K, V>>().as_ptr()) };
    for slot in &node.slots {
        // SAFETY: the caller's promise.
        unsafe { destroy(slot.load(), depth + 1) };
    }
}

impl<K, V> Drop for Trie<K, V> {
    fn drop(&mut self) {
        for slot in &self.root.slots {
            // SAFETY: nobody borrows the map.
            unsafe { destroy(slot.load(), 0) };
        }
    }
}
