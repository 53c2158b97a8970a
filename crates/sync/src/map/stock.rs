//! Stock: entries that nobody has, kept for later ones.
//!
//! There is one list at first. Where processors meet at it, each gets a list of its own: what one of them gave
//! back it takes again, from its own cache. What is too much for one goes to the common list, from which the
//! others take when they have none.
//!
//! An entry whose pair has no drop glue may still be looked at when nobody has a reference to it (`hazards`). It is
//! *worn*, until somebody has looked at what all others look at; only then is it free.
//!
//! Named invariants:
//! 1. *Listed Once*: an entry without references is in one list, or in the hands of one who takes or gives it.
//! 2. *Unseen*: an entry that is free is looked at by nobody: it was out of its slot and worn when the places of
//!    `hazards` were read, and none had it.
//! 3. *Shelves Stay*: once made, the lists of processors stay until the map is dropped.

use super::chunks::Chunks;
use super::entry::Entry;
use super::hazards::Hazards;
use crate::home::{home, places};
use core::ptr::{NonNull, null_mut};
use gaggle_gopark as gopark;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_prim::{CachePadded, MODEL, throw};

/// So often two must have met at the common list before there are others.
const PATIENCE: u32 = if MODEL { 1 } else { 16 };
/// So many are moved between lists at once; a processor keeps twice as many.
const BATCH: usize = if MODEL { 1 } else { 32 };
/// So many worn ones are sorted at a time.
const MANY: usize = if MODEL { 1 } else { 32 };

type Link<K, V> = Option<NonNull<Entry<K, V>>>;
type Shelf<K, V> = CachePadded<Mutex<List<K, V>>>;

/// The entries of a map that are free.
pub(super) struct Stock<K, V> {
    common: Mutex<List<K, V>>,
    shelves: AtomicPtr<Box<[Shelf<K, V>]>>,
    met: AtomicU32,
    hazards: Hazards,
    chunks: Chunks<K, V>,
}

/// What is in one place.
struct List<K, V> {
    free: Chain<K, V>,
    worn: Chain<K, V>,
    // So many worn ones are sorted.
    many: usize,
}

/// Entries linked by their `next`.
struct Chain<K, V> {
    first: Link<K, V>,
    count: usize,
}

// SAFETY: Listed Once: who has the list has its entries, and nobody will use a key or value in them.
unsafe impl<K, V> Send for List<K, V> {}

impl<K, V> Chain<K, V> {
    const EMPTY: Self = Self { first: None, count: 0 };

    #[inline]
    fn push(&mut self, entry: NonNull<Entry<K, V>>) {
        // SAFETY: Type-Stable; Listed Once: it is ours.
        unsafe { entry.as_ref() }.set_next(self.first.replace(entry));
        self.count += 1;
    }

    #[inline]
    fn pop(&mut self) -> Link<K, V> {
        let entry = self.first?;
        // SAFETY: Type-Stable; Listed Once.
        self.first = unsafe { entry.as_ref() }.next();
        self.count -= 1;
        Some(entry)
    }

    /// Takes out as many as are moved at once, or what there is.
    fn split(&mut self) -> Self {
        let mut batch = Self::EMPTY;
        while batch.count < BATCH
            && let Some(entry) = self.pop()
        {
            batch.push(entry);
        }
        batch
    }

    fn append(&mut self, mut other: Self) {
        while let Some(entry) = other.pop() {
            self.push(entry);
        }
    }

    /// Takes out the entry at `address`, if it is here.
    fn remove(&mut self, address: *mut ()) -> Link<K, V> {
        let (mut before, mut found) = (Self::EMPTY, None);
        while found.is_none()
            && let Some(entry) = self.pop()
        {
            match entry.as_ptr().cast() == address {
                true => found = Some(entry),
                false => before.push(entry),
            }
        }
        self.append(before);
        found
    }
}

impl<K, V> List<K, V> {
    const EMPTY: Self = Self { free: Chain::EMPTY, worn: Chain::EMPTY, many: MANY };

    #[inline]
    fn push(&mut self, entry: NonNull<Entry<K, V>>, hazards: &Hazards) {
        if !Entry::<K, V>::IS_PLAIN {
            return self.free.push(entry);
        }
        self.worn.push(entry);
        if self.worn.count >= self.many {
            self.sort(hazards);
        }
    }

    /// Frees those of the worn ones that nobody looks at (*Unseen*).
    #[cold]
    fn sort(&mut self, hazards: &Hazards) {
        let mut seen = Chain::EMPTY;
        hazards.each(|entry| {
            if let Some(entry) = self.worn.remove(entry) {
                seen.push(entry);
            }
        });
        // Next time when there are as many more, so that a look at all places is paid for.
        self.many = seen.count + MANY;
        let mut unseen = core::mem::replace(&mut self.worn, seen);
        while let Some(entry) = unseen.pop() {
            // SAFETY: Type-Stable; Listed Once; Unseen.
            unsafe { entry.as_ref() }.spoil();
            self.free.push(entry);
        }
    }
}

impl<K, V> Stock<K, V> {
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub(super) const fn new() -> Self {
        Self {
            common: Mutex::new(Rank::Leaf, List::EMPTY),
            shelves: AtomicPtr::new(null_mut()),
            met: AtomicU32::new(0),
            hazards: Hazards::new(),
            chunks: Chunks::new(),
        }
    }

    #[cfg(loom)] // loom's primitives have no const constructors
    pub(super) fn new() -> Self {
        Self {
            common: Mutex::new(Rank::Leaf, List::EMPTY),
            shelves: AtomicPtr::new(null_mut()),
            met: AtomicU32::new(0),
            hazards: Hazards::new(),
            chunks: Chunks::new(),
        }
    }

    /// Where readers say what they look at.
    #[inline]
    pub(super) fn hazards(&self) -> &Hazards {
        &self.hazards
    }

    /// The list of our processor, if processors have their own.
    #[inline]
    fn shelf(&self) -> Option<&Shelf<K, V>> {
        // Acquire: pairs with the Release in `part`.
        let shelves = self.shelves.load(Ordering::Acquire);
        // SAFETY: Shelves Stay.
        let shelves = unsafe { shelves.as_ref() }?;
        shelves.get(home() & (shelves.len() - 1))
    }

    /// A free entry. Outside sections.
    #[inline]
    pub(super) fn take(&self) -> NonNull<Entry<K, V>> {
        let section = gopark::enter();
        let entry = match self.shelf() {
            Some(shelf) => shelf.lock().free.pop(),
            None => self.common(|list| list.free.pop()),
        };
        drop(section);
        entry.unwrap_or_else(|| self.more())
    }

    /// There is none at hand: some from the common list, or new ones.
    #[cold]
    fn more(&self) -> NonNull<Entry<K, V>> {
        self.part_if_crowded(); // a map that only grows never comes to `put`
        let section = gopark::enter();
        let mut batch = self.common(|list| list.free.split());
        drop(section);
        let Some(entry) = batch.pop() else {
            let mut new = self.chunks.make();
            let first = new.next();
            new.for_each(|entry| batch.push(entry));
            self.keep(batch);
            return first.unwrap_or_else(|| throw!("map: a chunk without entries"));
        };
        self.keep(batch);
        entry
    }

    /// Puts free entries where we take from.
    fn keep(&self, batch: Chain<K, V>) {
        let _section = gopark::enter();
        match self.shelf() {
            Some(shelf) => shelf.lock().free.append(batch),
            None => self.common(|list| list.free.append(batch)),
        }
    }

    /// Drops the pair of `entry`, and keeps the entry.
    ///
    /// # Safety
    ///
    /// The last reference to it is gone and nobody can get one, no walk watches it, and this is done once.
    #[inline]
    pub(super) unsafe fn end(&self, entry: NonNull<Entry<K, V>>) {
        if Entry::<K, V>::IS_PLAIN {
            return self.put(entry); // Seen Or Gone: it has nothing to drop, and somebody may look at it
        }
        // SAFETY: Type-Stable.
        let place = unsafe { entry.as_ref() };
        // SAFETY: the caller's promise.
        let pair = unsafe { place.take_pair() };
        self.put(entry);
        drop(pair);
    }

    /// Keeps `entry`, to which nobody has a reference.
    #[inline]
    pub(super) fn put(&self, entry: NonNull<Entry<K, V>>) {
        let section = gopark::enter();
        let Some(shelf) = self.shelf() else {
            self.common(|list| list.push(entry, &self.hazards));
            drop(section);
            return self.part_if_crowded();
        };
        let mut list = shelf.lock();
        list.push(entry, &self.hazards);
        if list.free.count > 2 * BATCH {
            let surplus = list.free.split();
            drop(list);
            self.common.lock().free.append(surplus);
        }
    }

    /// Calls `f` with the common list, and notes if another was there.
    #[inline]
    fn common<R>(&self, f: impl FnOnce(&mut List<K, V>) -> R) -> R {
        let mut list = self.common.try_lock().unwrap_or_else(|| {
            self.met.fetch_add(1, Ordering::Relaxed); // Relaxed: a count for `part_if_crowded`
            self.common.lock()
        });
        f(&mut list)
    }

    /// Gives each processor a list if they have met often enough. Outside sections.
    #[inline]
    fn part_if_crowded(&self) {
        // Relaxed: a hint.
        if self.met.load(Ordering::Relaxed) >= PATIENCE {
            self.part();
        }
    }

    #[cold]
    #[inline(never)]
    fn part(&self) {
        let count = if MODEL { 1 } else { places() };
        let list = || CachePadded::new(Mutex::new(Rank::Leaf, List::EMPTY));
        let shelves: Box<[Shelf<K, V>]> = (0..count).map(|_| list()).collect();
        let shelves = Box::into_raw(Box::new(shelves));
        // Release: pairs with the Acquire in `shelf`. Relaxed on failure: another's are there.
        let (done, lost) = (Ordering::Release, Ordering::Relaxed);
        if self.shelves.compare_exchange(null_mut(), shelves, done, lost).is_err() {
            // SAFETY: nobody has seen them.
            drop(unsafe { Box::from_raw(shelves) });
        }
        self.met.store(0, Ordering::Relaxed); // Relaxed: a hint; nobody counts from here on
    }
}

impl<K, V> Drop for Stock<K, V> {
    fn drop(&mut self) {
        // Relaxed: nobody else is there.
        let shelves = self.shelves.load(Ordering::Relaxed);
        if !shelves.is_null() {
            // SAFETY: Shelves Stay: until now; they came from a box.
            drop(unsafe { Box::from_raw(shelves) });
        }
    }
}
