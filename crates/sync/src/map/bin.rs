//! A bin: the entries whose hashes agree in all that the trie looks at.
//!
//! An entry keeps its place in a bin; places that became free are used again. Whoever inserts must be
//! sure that no other inserter of the same key chose another place. So inserting is an exchange of the
//! bin's version: whoever has seen version `n` and not found the key may insert if it is still `n`.
//!
//! | `version` | meaning | who may leave it |
//! |---|---|---|
//! | even | nobody inserts | an inserter that has seen it before it looked for its key, by CAS to odd |
//! | odd | one puts its entry into a place, for a few instructions, in a runtime section | it, to the next even one |
//!
//! *Ages*: an entry that was inserted at version `n` has age `n`, and so has every entry that replaces
//! it. A range that began at version `n` passes over younger ones: one of them could be a key that it has
//! visited, deleted and inserted once more (SEMANTICS Q4).

use super::entry::{Held, Store};
use super::slot::{Slot, Word};
use core::ptr::NonNull;
use gaggle_gopark as gopark;
use gaggle_prim::hint::spin_loop;
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

const PLACES: usize = if gaggle_prim::MODEL { 2 } else { 6 };

/// Entries without order.
pub(super) struct Bin<K, V> {
    // Of the first bin of a chain only.
    version: AtomicU64,
    places: [Slot<K, V>; PLACES],
    next: AtomicPtr<Bin<K, V>>,
}

/// What a search in a bin came to.
pub(super) enum Search<'a, K, V> {
    Here(&'a Slot<K, V>, Held<'a, K, V>),
    /// It was not there at this version.
    Absent(u64),
}

impl<K, V> Bin<K, V> {
    pub(super) fn new() -> Self {
        Self {
            version: AtomicU64::new(0),
            places: core::array::from_fn(|_| Slot::new()),
            next: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// A bin of two that nobody else can see yet.
    pub(super) fn of_two(one: Word<K, V>, other: Word<K, V>) -> Self {
        let mut bin = Self::new();
        bin.places[0].init(one);
        bin.places[1].init(other);
        bin
    }

    fn next(&self) -> Option<&Bin<K, V>> {
        // Acquire: pairs with the Release in `insert`.
        let next = NonNull::new(self.next.load(Ordering::Acquire))?;
        // SAFETY: bins stay until the map is dropped.
        Some(unsafe { next.as_ref() })
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Slot<K, V>> {
        let bins = core::iter::successors(Some(self), |bin| bin.next());
        bins.flat_map(|bin| &bin.places)
    }

    pub(super) fn version(&self) -> u64 {
        loop {
            // Acquire: pairs with the Release in `insert`: what was inserted before is seen.
            let version = self.version.load(Ordering::Acquire);
            if version.is_multiple_of(2) {
                return version;
            }
            spin_loop();
        }
    }

    /// Looks for the key that `is` knows.
    pub(super) fn search<'a>(
        &'a self,
        is: impl Fn(&K) -> bool,
        store: &'a Store<K, V>,
    ) -> Search<'a, K, V> {
        let version = self.version();
        for place in self.places() {
            if let Some(held) = occupant(place, store)
                && is(held.key())
            {
                return Search::Here(place, held);
            }
        }
        Search::Absent(version)
    }

    /// Inserts `new`, whose key was absent at `version`.
    ///
    /// # Errors
    ///
    /// Others have inserted since; `new` comes back.
    pub(super) fn insert<'a>(
        &self,
        version: u64,
        new: Held<'a, K, V>,
    ) -> Result<(), Held<'a, K, V>> {
        // Before the section, in which nothing is allocated or freed.
        let mut spare = self.is_full().then(|| Box::new(Bin::new()));
        let _section = gopark::enter();
        // Acquire: pairs with the Release below. Relaxed on failure: nothing was gained.
        let (done, lost) = (Ordering::Acquire, Ordering::Relaxed);
        if self.version.compare_exchange(version, version + 1, done, lost).is_err() {
            return Err(new);
        }
        new.set_age(version + 2);
        let mut rest = Some(new);
        let mut last = self;
        for bin in core::iter::successors(Some(self), |bin| bin.next()) {
            last = bin;
            for place in &bin.places {
                rest = rest.and_then(|new| place.fill(new).err());
            }
        }
        if rest.is_some()
            && let Some(bin) = spare.take()
        {
            rest = rest.and_then(|new| bin.places[0].fill(new).err());
            // Release: pairs with the Acquire in `next`.
            last.next.store(Box::into_raw(bin), Ordering::Release);
        }
        // Release: pairs with the Acquires in `version` and above.
        self.version.store(version + 2, Ordering::Release);
        rest.map_or(Ok(()), |new| {
            new.set_age(0); // full, without a spare: once more
            Err(new)
        })
    }

    fn is_full(&self) -> bool {
        self.places().all(|place| !place.load().is_empty())
    }

    /// Frees the bins of this chain.
    ///
    /// # Safety
    ///
    /// Nobody else can see them any more, and `bin` came from a box.
    pub(super) unsafe fn destroy(bin: NonNull<Self>) {
        let mut at = Some(bin);
        while let Some(bin) = at {
            // SAFETY: the caller's promise; each bin is freed once.
            let bin = unsafe { Box::from_raw(bin.as_ptr()) };
            // Relaxed: nobody else is there.
            at = NonNull::new(bin.next.load(Ordering::Relaxed));
        }
    }
}

/// A reference to the entry in `place`, if there is one.
fn occupant<'a, K, V>(place: &Slot<K, V>, store: &'a Store<K, V>) -> Option<Held<'a, K, V>> {
    loop {
        let word = place.load();
        if word.is_empty() || word.is_inner() {
            return None;
        }
        if let Some(held) = place.hold(word, store) {
            return Some(held);
        }
    }
}
