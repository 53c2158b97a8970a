//! Walks in progress: who looks at entries one after the other, without counting each.
//!
//! A walk says which entry it looks at by a store to its own record, instead of two read-modify-writes of the
//! entry's count. Whoever would drop an entry while there are walks puts it into `limbo`; from there it goes
//! when no walk looks at it: as soon as there are many, and at the latest when the last walk ends.
//!
//! Named invariants:
//! 1. *Seen To Watch*: a walk is counted, passes a full fence, and then reads slots. Who takes an entry out
//!    of its slot passes a fence and then reads the count. So of a walk that finds the entry in its slot and
//!    somebody who drops it, the latter sees the walk.
//! 2. *Looked At Stays*: a walk stores the entry it is about to look at, passes the light fence and sees that
//!    the slot still has it. Who empties limbo passes the heavy fence and then reads what walks look at. An
//!    entry in limbo is out of its slot. So either it is seen looked at, and stays, or the walk finds it gone.
//! 3. *Limbo Empties*: `limbo`, the records and `count` change under the lock only. Who leaves last takes
//!    all of it.
//!
//! Nothing is held while the user's function runs but the record, which belongs to no thread: the function
//! may block, use the map, and walk itself.

use super::entry::Entry;
use core::ptr::{NonNull, null_mut};
use gaggle_gopark as gopark;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_prim::{fence_after_rmw, full_fence, heavy_fence, light_fence};

/// So many in limbo are looked through.
const MANY: usize = if gaggle_prim::MODEL { 1 } else { 64 };

type Link<T> = Option<NonNull<T>>;

/// All walks of one map.
pub(super) struct Walkers<K, V> {
    count: AtomicU32,
    inner: Mutex<Inner<K, V>>,
}

struct Inner<K, V> {
    first: Link<Record<K, V>>,
    limbo: Link<Entry<K, V>>,
    in_limbo: usize,
    many: usize,
}

// SAFETY: entries and records are reached under the lock only.
unsafe impl<K: Send, V: Send> Send for Inner<K, V> {}

/// One walk; stands on its stack.
struct Record<K, V> {
    looks_at: AtomicPtr<Entry<K, V>>,
    // Under the lock.
    next: core::cell::Cell<Link<Record<K, V>>>,
}

/// Entries whose pairs are to be dropped, by whoever has this.
pub(super) struct Gone<K, V>(Link<Entry<K, V>>);

impl<K, V> Iterator for Gone<K, V> {
    type Item = NonNull<Entry<K, V>>;

    fn next(&mut self) -> Option<NonNull<Entry<K, V>>> {
        let entry = self.0?;
        // SAFETY: Type-Stable; the list is ours alone.
        self.0 = unsafe { entry.as_ref() }.next();
        Some(entry)
    }
}

impl<K, V> Walkers<K, V> {
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub(super) const fn new() -> Self {
        Self { count: AtomicU32::new(0), inner: Mutex::new(Rank::Leaf, Inner::NEW) }
    }

    #[cfg(loom)] // loom's primitives have no const constructors
    pub(super) fn new() -> Self {
        Self { count: AtomicU32::new(0), inner: Mutex::new(Rank::Leaf, Inner::NEW) }
    }

    /// True if an entry that the caller has taken out of its slot may be looked at by a walk.
    #[inline]
    pub(super) fn watch(&self) -> bool {
        fence_after_rmw(); // proof: Seen To Watch; the exchange of the slot, or of the count, was one
        self.count.load(Ordering::Acquire) != 0 // pairs with the Release in `leave`
    }

    /// Puts an entry without references into limbo; gives back those that can go.
    #[cold]
    pub(super) fn give(&self, entry: NonNull<Entry<K, V>>) -> Gone<K, V> {
        let section = gopark::enter();
        let mut inner = self.inner.lock();
        inner.bury(entry);
        let many = inner.in_limbo >= inner.many || inner.first.is_none();
        let all = if many { inner.take_all() } else { Gone(None) };
        drop(inner);
        drop(section);
        if many { self.look_through(all) } else { all }
    }

    /// Puts back into limbo what a walk looks at.
    fn look_through(&self, all: Gone<K, V>) -> Gone<K, V> {
        heavy_fence(); // pairs with the light fence in `at`: Looked At Stays
        let _section = gopark::enter();
        let mut inner = self.inner.lock();
        let mut gone = None;
        for entry in all {
            if inner.is_looked_at(entry) {
                inner.bury(entry);
                continue;
            }
            // SAFETY: Type-Stable; the list is ours alone.
            unsafe { entry.as_ref() }.set_next(gone.replace(entry));
        }
        // Next time when there are as many more, so that looking through is paid for.
        inner.many = inner.in_limbo + MANY;
        Gone(gone)
    }

    /// Calls `walk` with the means to look at entries, and lets go what was waiting for its end.
    pub(super) fn with<R>(
        &self,
        let_go: impl Fn(Gone<K, V>),
        walk: impl FnOnce(&Look<'_, K, V>) -> R,
    ) -> R {
        let record =
            Record { looks_at: AtomicPtr::new(null_mut()), next: core::cell::Cell::new(None) };
        let visit = Visit { walkers: self, record: &record, let_go };
        visit.enter();
        walk(&Look { record: &record })
    }

    fn join(&self, record: &Record<K, V>) {
        let _section = gopark::enter();
        let mut inner = self.inner.lock();
        record.next.set(inner.first.replace(NonNull::from(record)));
        self.count.fetch_add(1, Ordering::Relaxed); // Relaxed: the fence orders it
        drop(inner);
        full_fence(); // proof: Seen To Watch
    }

    fn leave(&self, record: &Record<K, V>) -> Gone<K, V> {
        let _section = gopark::enter();
        let mut inner = self.inner.lock();
        inner.unlink(record);
        // Release: pairs with the Acquire in `watch`: what the walk looked at it has looked at.
        self.count.fetch_sub(1, Ordering::Release);
        if inner.first.is_none() { inner.take_all() } else { Gone(None) }
    }
}

impl<K, V> Inner<K, V> {
    const NEW: Self = Self { first: None, limbo: None, in_limbo: 0, many: MANY };

    fn take_all(&mut self) -> Gone<K, V> {
        (self.in_limbo, self.many) = (0, MANY);
        Gone(self.limbo.take())
    }

    fn records(&self) -> impl Iterator<Item = &Record<K, V>> {
        // SAFETY: a record leaves under the lock before its frame ends.
        let record = |at: NonNull<Record<K, V>>| unsafe { at.as_ref() };
        core::iter::successors(self.first.map(record), move |at| at.next.get().map(record))
    }

    fn bury(&mut self, entry: NonNull<Entry<K, V>>) {
        // SAFETY: Type-Stable; under the lock.
        unsafe { entry.as_ref() }.set_next(self.limbo.replace(entry));
        self.in_limbo += 1;
    }

    fn is_looked_at(&self, entry: NonNull<Entry<K, V>>) -> bool {
        // Acquire: pairs with the Release in `at`.
        self.records().any(|record| record.looks_at.load(Ordering::Acquire) == entry.as_ptr())
    }

    fn unlink(&mut self, record: &Record<K, V>) {
        let this = Some(NonNull::from(record));
        if self.first == this {
            self.first = record.next.get();
            return;
        }
        if let Some(before) = self.records().find(|other| other.next.get() == this) {
            before.next.set(record.next.get());
        }
    }
}

/// A walk that is counted, until it is dropped.
struct Visit<'a, K, V, F: Fn(Gone<K, V>)> {
    walkers: &'a Walkers<K, V>,
    record: &'a Record<K, V>,
    let_go: F,
}

impl<K, V, F: Fn(Gone<K, V>)> Visit<'_, K, V, F> {
    fn enter(&self) {
        self.walkers.join(self.record);
    }
}

impl<K, V, F: Fn(Gone<K, V>)> Drop for Visit<'_, K, V, F> {
    fn drop(&mut self) {
        (self.let_go)(self.walkers.leave(self.record));
    }
}

/// How a walk looks at entries.
pub(super) struct Look<'a, K, V> {
    record: &'a Record<K, V>,
}

impl<K, V> Look<'_, K, V> {
    /// Calls `f` with the entry, if `still` says, after we have said that we look at it, that its slot has it.
    #[inline]
    pub(super) fn at<R>(
        &self,
        entry: NonNull<Entry<K, V>>,
        still: impl FnOnce() -> bool,
        f: impl FnOnce(&K, &V) -> R,
    ) -> Option<R> {
        // Release: pairs with the Acquire in `is_looked_at`: what we looked at before we are done with.
        self.record.looks_at.store(entry.as_ptr(), Ordering::Release);
        light_fence(); // pairs with the heavy fence in `look_through`
        if !still() {
            return None;
        }
        // SAFETY: Type-Stable.
        let entry = unsafe { entry.as_ref() };
        // SAFETY: Watched: Looked At Stays.
        let (key, value) = unsafe { entry.pair() };
        Some(f(key, value))
    }
}
