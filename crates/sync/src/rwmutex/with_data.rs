//! `RwMutex<T>`: lock_api's guards over our raw lock.
//!
//! *Guards Travel*: as in `mutex/with_data`: nothing in the unlocks depends on the thread.

use super::raw::RawRwMutex;
use crate::deadline;
use std::time::{Duration, Instant};

/// A value that many may read or one may change (Go: `sync.RWMutex` with what it protects).
///
/// `read` is Go's `RLock`, `write` is `Lock`. A writer that waits keeps new readers out (SEMANTICS
/// L2); readers that came while one wrote come in before the next writer (L3). There is no way
/// from one to the other but to unlock first (L8). Readers that are in each other's way are counted
/// apart, on a cache line for each P, until the next writer comes. Not poisoned by a panic.
///
/// # Examples
///
/// ```
/// use gaggle_sync::{RwMutex, RwMutexReadGuard};
/// static NAMES: RwMutex<Vec<&str>> = RwMutex::new(Vec::new());
/// NAMES.write().push("gopher");
/// let first = RwMutexReadGuard::map(NAMES.read(), |names| &names[0]);
/// assert_eq!((*first, NAMES.read().len()), ("gopher", 1));
/// assert!(NAMES.try_write().is_none());
/// ```
pub type RwMutex<T> = lock_api::RwLock<RawRwMutex, T>;

/// The right to read the value of a [`RwMutex`]; dropping it unlocks.
pub type RwMutexReadGuard<'a, T> = lock_api::RwLockReadGuard<'a, RawRwMutex, T>;

/// The right to the value of a [`RwMutex`]; dropping it unlocks.
pub type RwMutexWriteGuard<'a, T> = lock_api::RwLockWriteGuard<'a, RawRwMutex, T>;

/// The right to read a part of the value of a [`RwMutex`].
pub type MappedRwMutexReadGuard<'a, T> = lock_api::MappedRwLockReadGuard<'a, RawRwMutex, T>;

/// The right to a part of the value of a [`RwMutex`].
pub type MappedRwMutexWriteGuard<'a, T> = lock_api::MappedRwLockWriteGuard<'a, RawRwMutex, T>;

/// As [`RwMutexReadGuard`], from `read_arc`: it keeps the mutex alive and borrows nothing.
pub type ArcRwMutexReadGuard<T> = lock_api::ArcRwLockReadGuard<RawRwMutex, T>;

/// As [`RwMutexWriteGuard`], from `write_arc`: it keeps the mutex alive and borrows nothing.
pub type ArcRwMutexWriteGuard<T> = lock_api::ArcRwLockWriteGuard<RawRwMutex, T>;

// SAFETY: One Writer (raw.rs): while one holds it for writing nobody else holds it at all, because a
// writer owns it only when no reader is awaited, and readers come in only without a writer.
unsafe impl lock_api::RawRwLock for RawRwMutex {
    const INIT: Self = RawRwMutex::new();

    type GuardMarker = lock_api::GuardSend; // Guards Travel

    #[inline]
    #[track_caller]
    fn lock_shared(&self) {
        self.rlock();
    }

    #[inline]
    #[track_caller]
    fn try_lock_shared(&self) -> bool {
        self.try_rlock()
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        self.runlock();
    }

    #[inline]
    #[track_caller]
    fn lock_exclusive(&self) {
        self.lock();
    }

    #[inline]
    #[track_caller]
    fn try_lock_exclusive(&self) -> bool {
        self.try_lock()
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        self.unlock();
    }

    #[inline]
    fn is_locked(&self) -> bool {
        RawRwMutex::is_locked(self)
    }

    #[inline]
    fn is_locked_exclusive(&self) -> bool {
        RawRwMutex::is_locked_exclusive(self)
    }
}

// SAFETY: One Writer, as above.
unsafe impl lock_api::RawRwLockTimed for RawRwMutex {
    type Duration = Duration;
    type Instant = Instant;

    #[track_caller]
    fn try_lock_shared_for(&self, timeout: Duration) -> bool {
        self.rlock_until(deadline::after(gaggle_gopark::now(), timeout))
    }

    #[track_caller]
    fn try_lock_shared_until(&self, timeout: Instant) -> bool {
        self.try_lock_shared_for(timeout.saturating_duration_since(gaggle_gopark::instant_now()))
    }

    #[track_caller]
    fn try_lock_exclusive_for(&self, timeout: Duration) -> bool {
        self.lock_until(deadline::after(gaggle_gopark::now(), timeout))
    }

    #[track_caller]
    fn try_lock_exclusive_until(&self, timeout: Instant) -> bool {
        self.try_lock_exclusive_for(timeout.saturating_duration_since(gaggle_gopark::instant_now()))
    }
}
