//! Chunks: the memory of a map's entries, got from the heap several at a time, and freed with the map.
//!
//! Each chunk is twice as large as the one before, up to a page: so a small map stays small, and a large one is
//! filled and dropped without a visit to the heap for each entry.
//!
//! Named invariants:
//! 1. *Grows Only*: chunks are added, at the front, and none is taken out until the map is dropped.
//! 2. *Linked Or Free*: when the map is dropped, an entry with references is in the trie and has its pair; one
//!    without has none that is to be dropped.

use super::entry::Entry;
use core::ptr::{NonNull, null_mut};
use gaggle_prim::MODEL;
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// The most bytes of a chunk, and the most entries.
const MOST_BYTES: usize = 4096;
const MOST: usize = if MODEL { 1 } else { 64 };

/// All chunks of one map.
pub(super) struct Chunks<K, V> {
    first: AtomicPtr<Chunk<K, V>>,
    made: AtomicU32,
}

struct Chunk<K, V> {
    // From a box. Entries are reached through pointers that come from this one.
    entries: NonNull<[Entry<K, V>]>,
    next: *mut Chunk<K, V>,
}

impl<K, V> Chunks<K, V> {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(super) const fn new() -> Self {
        Self { first: AtomicPtr::new(null_mut()), made: AtomicU32::new(0) }
    }

    #[cfg(loom)] // loom's atomics have no const constructors
    pub(super) fn new() -> Self {
        Self { first: AtomicPtr::new(null_mut()), made: AtomicU32::new(0) }
    }

    /// New entries, one at least. Outside sections.
    pub(super) fn make(&self) -> impl Iterator<Item = NonNull<Entry<K, V>>> {
        // Relaxed: how large it is to be and no more.
        let doubled = 1 << self.made.fetch_add(1, Ordering::Relaxed).min(16);
        let most = (MOST_BYTES / size_of::<Entry<K, V>>()).clamp(1, MOST);
        let count = most.min(doubled);
        let entries: Box<[Entry<K, V>]> = (0..count).map(|_| Entry::free()).collect();
        let start = Box::into_raw(entries);
        // SAFETY: a box is never null.
        let entries = unsafe { NonNull::new_unchecked(start) };
        self.add(Box::new(Chunk { entries, next: null_mut() }));
        let first = entries.cast::<Entry<K, V>>();
        // SAFETY: there are so many.
        (0..count).map(move |at| unsafe { first.add(at) })
    }

    fn add(&self, mut chunk: Box<Chunk<K, V>>) {
        // Relaxed: a guess; Grows Only: who finds the same first finds the same list.
        let mut first = self.first.load(Ordering::Relaxed);
        loop {
            chunk.next = first;
            let this = Box::into_raw(chunk);
            // Release: pairs with whatever lets `drop` have the map alone. Relaxed on failure: as above.
            let (done, lost) = (Ordering::Release, Ordering::Relaxed);
            match self.first.compare_exchange(first, this, done, lost) {
                Ok(_) => return,
                Err(now) => first = now,
            }
            // SAFETY: nobody has seen it.
            chunk = unsafe { Box::from_raw(this) };
        }
    }
}

/// What is left of the chunks of a map that ends. A pair that panics keeps none of the others.
struct Rest<K, V> {
    next: *mut Chunk<K, V>,
    entries: Box<[Entry<K, V>]>,
    /// The next of these.
    at: usize,
}

impl<K, V> Rest<K, V> {
    fn drop_all(&mut self) {
        loop {
            while let Some(entry) = self.entries.get(self.at) {
                self.at += 1;
                if core::mem::needs_drop::<(K, V)>() && entry.is_linked() {
                    // SAFETY: Linked Or Free: each that has one is asked once.
                    drop(unsafe { entry.take_pair() });
                }
            }
            if self.next.is_null() {
                return;
            }
            // SAFETY: Grows Only: until now, and nobody borrows the map.
            let chunk = unsafe { Box::from_raw(self.next) };
            // SAFETY: as above.
            self.entries = unsafe { Box::from_raw(chunk.entries.as_ptr()) };
            (self.next, self.at) = (chunk.next, 0);
        }
    }
}

impl<K, V> Drop for Rest<K, V> {
    fn drop(&mut self) {
        self.drop_all(); // what is left, if one has panicked
    }
}

impl<K, V> Drop for Chunks<K, V> {
    fn drop(&mut self) {
        // Acquire: pairs with the Release in `add`.
        let next = self.first.load(Ordering::Acquire);
        Rest { next, entries: Box::default(), at: 0 }.drop_all();
    }
}
