//! Entries: a key and its value, counted by those who use them, in memory that stays entries.
//!
//! | `refs` | meaning | who may leave it |
//! |---|---|---|
//! | 0 | free: it has no key and no value | its maker, to 1 |
//! | n > 0 | n of the trie and of [`Held`]s have it | anyone, to n + 1; each of the n, to n - 1 |
//!
//! Named invariants:
//! 1. *Type-Stable*: the memory of an entry is used for entries of one map only and freed together with
//!    the map. So a pointer read from a slot may be looked at, whatever has become of the entry.
//! 2. *Counted*: the key and the value are touched with a reference only, and a reference is got from an
//!    entry that has one. When the last is given back, key and value are dropped; then the entry is free.
//! 3. *Linked Once*: between its making and the end of its last reference an entry is linked in at most
//!    one place, and once it was taken out it is never linked again. So a slot that holds an entry to
//!    which we have a reference has held it all the time, and an exchange of it cannot be deceived.
//!
//! 4. *Seen Or Gone*: a pair without drop glue may also be looked at through a place in `hazards`, which keeps
//!    the entry from being used again. To drop such a pair does nothing, so it makes no difference when that is.
//! 5. *Watched*: a walk (see `walkers`) looks at a pair without a reference. So whoever drops or moves a pair
//!    first asks whether there are walks; if so, the entry goes to them, pair and all, and they let it go.
//!
//! What the outside may rely on (Q6, Y16): the maker's store of `refs` is a Release, and every reference is
//! got by an Acquire of it or of what continues it, so who finds an entry sees what was done before it was
//! stored.

use super::hazards::Hazard;
use super::stock::Stock;
use super::walkers::{Gone, Walkers};
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::NonNull;
use gaggle_prim::MODEL;
use gaggle_prim::cell::UnsafeCell;
use gaggle_prim::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
use gaggle_race::Place;

/// Larger pairs are counted, so that none of them wait for others before they are used again.
const MOST_PLAIN: usize = 64;

/// What is written over a free pair.
const SPOILT: u8 = 0xa5;

/// One entry.
#[repr(align(64))] // what one processor writes into an entry disturbs nobody at the next one
pub(super) struct Entry<K, V> {
    refs: AtomicU32,
    // Read without a reference, to pass over entries of other hashes.
    hash: AtomicU64,
    // Constant while linked: see `Bin`.
    age: AtomicU64,
    pair: UnsafeCell<MaybeUninit<(K, V)>>,
    // Under the lock of the free list.
    next: UnsafeCell<Option<NonNull<Entry<K, V>>>>,
    /// Who stored the pair comes before who sees it, to a race detector.
    race: Place,
}

impl<K, V> Entry<K, V> {
    /// True if the pair may stay after its last reference, and is not worth to be moved.
    pub(super) const IS_PLAIN: bool =
        !core::mem::needs_drop::<(K, V)>() && size_of::<(K, V)>() <= MOST_PLAIN;

    pub(super) fn free() -> Self {
        Self {
            refs: AtomicU32::new(0),
            hash: AtomicU64::new(0),
            age: AtomicU64::new(0),
            pair: UnsafeCell::new(MaybeUninit::uninit()),
            next: UnsafeCell::new(None),
            race: Place::new(),
        }
    }

    /// The key and the value.
    ///
    /// # Safety
    ///
    /// Counted, Seen Or Gone, or Watched: the pair is there, and stays as long as the answer is used.
    pub(super) unsafe fn pair(&self) -> &(K, V) {
        // SAFETY: the caller's promise.
        self.pair.with(|pair| unsafe { &*pair.cast::<(K, V)>() })
    }

    /// True if the trie has it; only when the map is dropped: then nobody else has a reference.
    pub(super) fn is_linked(&self) -> bool {
        self.refs.load(Ordering::Relaxed) != 0 // Relaxed: nobody else is there
    }

    /// Takes the key and the value out.
    ///
    /// # Safety
    ///
    /// The last reference is gone, or the map is, nobody watches, and this is done once.
    pub(super) unsafe fn take_pair(&self) -> (K, V) {
        // SAFETY: the caller's promise.
        self.pair.with(|pair| unsafe { pair.cast::<(K, V)>().read() })
    }

    /// Overwrites the pair of an entry that has just become free (*Unseen*), where tests run: then who still looks at
    /// it does so at what nobody stored, and a model sees the two accesses meet.
    pub(super) fn spoil(&self) {
        if cfg!(debug_assertions) || MODEL {
            // SAFETY: it has no drop glue, and nobody looks at it any more.
            self.pair.with_mut(|pair| unsafe {
                pair.cast::<u8>().write_bytes(SPOILT, size_of::<(K, V)>())
            });
        }
    }

    pub(super) fn age(&self) -> u64 {
        // Acquire: pairs with the Release in `set_age`, as in `hash`.
        self.age.load(Ordering::Acquire)
    }

    /// The next in a list of entries that nobody has a reference to. Under the lock of that list.
    pub(super) fn next(&self) -> Option<NonNull<Entry<K, V>>> {
        // SAFETY: the caller holds the lock, or the list is its own.
        self.next.with(|next| unsafe { *next })
    }

    /// Sets what [`next`](Self::next) says.
    pub(super) fn set_next(&self, next: Option<NonNull<Entry<K, V>>>) {
        // SAFETY: as above.
        self.next.with_mut(|place| unsafe { *place = next });
    }

    /// The hash of its key, or of an earlier or later tenant's.
    #[inline]
    pub(super) fn hash(&self) -> u64 {
        // Acquire: pairs with the Release in `Store::make`: who sees the hash of a later tenant sees that
        // the earlier one was taken out of its slot.
        self.hash.load(Ordering::Acquire)
    }

    /// One reference more, unless there is none.
    #[inline]
    fn try_hold(&self) -> bool {
        // Acquire: pairs with the Releases in `drop` and `into_value`: who sees that it is free sees too
        // that it was taken out of its slot, and will not find it there once more.
        let mut refs = self.refs.load(Ordering::Acquire);
        while refs != 0 {
            // Acquire: pairs with the Release in `Store::make`; on failure as above.
            let more = (refs + 1, Ordering::Acquire, Ordering::Acquire);
            match self.refs.compare_exchange_weak(refs, more.0, more.1, more.2) {
                Ok(_) => return true,
                Err(now) => refs = now,
            }
        }
        false
    }
}

/// A reference to an entry, or several of them, or a place in `hazards`.
pub(super) struct Held<'a, K, V> {
    entry: NonNull<Entry<K, V>>,
    // None of them if there is a place.
    refs: u32,
    place: Option<&'a Hazard>,
    store: &'a Store<K, V>,
}

impl<K, V> Held<'_, K, V> {
    fn entry(&self) -> &Entry<K, V> {
        // SAFETY: Type-Stable: the map is borrowed.
        unsafe { self.entry.as_ref() }
    }

    fn pair(&self) -> &(K, V) {
        // SAFETY: Counted: nobody writes the pair while we have a reference, and it was written before
        // there was one. Seen Or Gone: or while we look at it.
        unsafe { self.entry().pair() }
    }

    pub(super) fn key(&self) -> &K {
        &self.pair().0
    }

    pub(super) fn value(&self) -> &V {
        self.entry().race.acquire();
        &self.pair().1
    }

    pub(super) fn hash(&self) -> u64 {
        self.entry().hash()
    }

    pub(super) fn age(&self) -> u64 {
        self.entry().age()
    }

    /// Sets the age of an entry that is not linked yet.
    pub(super) fn set_age(&self, age: u64) {
        // Release: pairs with the Acquire in `Entry::age`.
        self.entry().age.store(age, Ordering::Release);
    }

    pub(super) fn as_ptr(&self) -> NonNull<Entry<K, V>> {
        self.entry
    }

    /// Takes over the trie's reference too: the caller took the entry out of its slot.
    pub(super) fn with_trie(mut self) -> Self {
        self.refs += 1; // given back together, by one read-modify-write
        if let Some(place) = self.place.take() {
            place.clear();
        }
        self
    }

    /// Gives the reference to the trie.
    pub(super) fn into_trie(self) {
        core::mem::forget(self);
    }

    /// The value itself, if nobody else has or watches the entry, which is no longer linked; else a clone.
    pub(super) fn into_value(self) -> V
    where
        V: Clone,
    {
        if Entry::<K, V>::IS_PLAIN || self.store.walkers.watch() {
            return self.value().clone();
        }
        // AcqRel: Acquire pairs with the Release in `drop` of the references that were, Release with the
        // Acquire in `try_hold`. Relaxed on failure: nothing was gained.
        let only =
            self.entry().refs.compare_exchange(self.refs, 0, Ordering::AcqRel, Ordering::Relaxed);
        if only.is_err() {
            return self.value().clone();
        }
        self.entry().race.acquire();
        let this = ManuallyDrop::new(self);
        // SAFETY: Counted: the last reference is gone, and nobody can get one. Watched: nobody did when it
        // was out of its slot already, so nobody can any more.
        let (key, value) = unsafe { this.entry().take_pair() };
        this.store.stock.put(this.entry);
        drop(key);
        value
    }
}

impl<K, V> Drop for Held<'_, K, V> {
    #[inline]
    fn drop(&mut self) {
        match self.place {
            Some(place) => place.clear(),
            None => self.give_back(),
        }
    }
}

impl<K, V> Held<'_, K, V> {
    fn give_back(&self) {
        // Release: pairs with the fence of who gives the last one back, and with `try_hold`.
        if self.entry().refs.fetch_sub(self.refs, Ordering::Release) != self.refs {
            return;
        }
        fence(Ordering::Acquire); // pairs with the Releases above, in all who had one
        if gaggle_race::ON {
            self.entry().refs.load(Ordering::Acquire); // as the fence, which no sanitizer knows
        }
        if self.store.walkers.watch() {
            self.store.let_go(self.store.walkers.give(self.entry));
            return;
        }
        // SAFETY: Counted: the last reference is gone, and nobody can get one. Watched: nobody does.
        unsafe { self.store.stock.end(self.entry) };
    }
}

/// Where the entries of a map come from, and who watches them.
pub(super) struct Store<K, V> {
    stock: Stock<K, V>,
    walkers: Walkers<K, V>,
}

impl<K, V> Store<K, V> {
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub(super) const fn new() -> Self {
        Self { stock: Stock::new(), walkers: Walkers::new() }
    }

    #[cfg(loom)] // loom's primitives have no const constructors
    pub(super) fn new() -> Self {
        Self { stock: Stock::new(), walkers: Walkers::new() }
    }

    /// An entry that is not linked, with one reference.
    pub(super) fn make(&self, hash: u64, key: K, value: V) -> Held<'_, K, V> {
        let entry = self.stock.take();
        // SAFETY: Type-Stable.
        let place = unsafe { entry.as_ref() };
        place.race.release();
        // SAFETY: Counted: it has no reference, so nobody looks at the pair.
        place.pair.with_mut(|pair| unsafe { pair.cast::<(K, V)>().write((key, value)) });
        place.age.store(0, Ordering::Relaxed); // Relaxed: nobody passes over age 0
        // Release: pairs with the Acquire in `Entry::hash`.
        place.hash.store(hash, Ordering::Release);
        // Release: pairs with the Acquire in `try_hold`.
        place.refs.store(1, Ordering::Release);
        Held { entry, refs: 1, place: None, store: self }
    }

    /// A reference to `entry`, or a place, unless it is free. The caller then looks whether it is still where it
    /// was found.
    #[inline]
    pub(super) fn hold(&self, entry: NonNull<Entry<K, V>>) -> Option<Held<'_, K, V>> {
        if Entry::<K, V>::IS_PLAIN
            && let Some(place) = self.stock.hazards().claim(entry.as_ptr().cast())
        {
            return Some(Held { entry, refs: 0, place: Some(place), store: self });
        }
        // SAFETY: Type-Stable: the pointer came from a slot of this map.
        let held = unsafe { entry.as_ref() }.try_hold();
        held.then(|| Held { entry, refs: 1, place: None, store: self })
    }

    /// Those who look at entries without a reference.
    pub(super) fn walkers(&self) -> &Walkers<K, V> {
        &self.walkers
    }

    /// Drops the pairs of entries that nobody has or watches any more.
    pub(super) fn let_go(&self, gone: Gone<K, V>) {
        LetGo { stock: &self.stock, gone }.all();
    }
}

/// Entries whose pairs are dropped. One that panics keeps none of the others.
struct LetGo<'a, K, V> {
    stock: &'a Stock<K, V>,
    gone: Gone<K, V>,
}

impl<K, V> LetGo<'_, K, V> {
    fn all(&mut self) {
        for entry in self.gone.by_ref() {
            // SAFETY: Watched: the walks have let it go, to us alone.
            unsafe { self.stock.end(entry) };
        }
    }
}

impl<K, V> Drop for LetGo<'_, K, V> {
    fn drop(&mut self) {
        self.all(); // what is left, if one has panicked
    }
}
