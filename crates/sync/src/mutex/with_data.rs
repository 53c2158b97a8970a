//! `Mutex<T>`: lock_api's guards over our raw lock.
//!
//! *Guards Travel*: guards are `Send`. A goroutine may come back from a switch on another thread
//! with its guard on its stack, so nothing in `unlock` may depend on the thread, and nothing
//! does: it touches the mutex's own words and the table of waiters only (SEMANTICS K2: any
//! goroutine may unlock). So what holds for a migrating goroutine holds for a guard sent away.

use super::raw::RawMutex;
use std::time::{Duration, Instant};

/// A value that one goroutine at a time may touch (Go: `sync.Mutex` with what it protects).
///
/// Not reentrant, and not poisoned by a panic. `lock` is a switch point: it may move the goroutine
/// to another thread, even if the mutex is free. `try_lock` and the guard's drop never switch.
///
/// A waiter that waited more than a millisecond gets the mutex handed to it, before any newcomer
/// (SEMANTICS K7). `try_lock_for` waits at most so long; in a `select!`, next to channels, a mutex stands
/// by `lock_chan`, of gaggle-xsync.
///
/// # Examples
///
/// ```
/// use gaggle_sync::{Mutex, MutexGuard};
/// static NAMES: Mutex<Vec<&str>> = Mutex::new(Vec::new());
/// NAMES.lock().push("gopher");
/// let first = MutexGuard::map(NAMES.lock(), |names| &mut names[0]);
/// assert_eq!(*first, "gopher");
/// assert!(NAMES.try_lock().is_none());
/// ```
pub type Mutex<T> = lock_api::Mutex<RawMutex, T>;

/// The right to the value of a [`Mutex`]; dropping it unlocks.
pub type MutexGuard<'a, T> = lock_api::MutexGuard<'a, RawMutex, T>;

/// The right to a part of the value of a [`Mutex`].
pub type MappedMutexGuard<'a, T> = lock_api::MappedMutexGuard<'a, RawMutex, T>;

/// As [`MutexGuard`], from `lock_arc`: it keeps the mutex alive and borrows nothing.
pub type ArcMutexGuard<T> = lock_api::ArcMutexGuard<RawMutex, T>;

// SAFETY: One Owner (raw.rs): `lock` returns, and `try_lock` says true, to one caller at a time.
unsafe impl lock_api::RawMutex for RawMutex {
    const INIT: Self = RawMutex::new();

    type GuardMarker = lock_api::GuardSend; // Guards Travel

    #[inline]
    #[track_caller]
    fn lock(&self) {
        RawMutex::lock(self);
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> bool {
        RawMutex::try_lock(self)
    }

    #[inline]
    unsafe fn unlock(&self) {
        RawMutex::unlock(self);
    }

    #[inline]
    fn is_locked(&self) -> bool {
        RawMutex::is_locked(self)
    }
}

// SAFETY: One Owner, as above.
unsafe impl lock_api::RawMutexTimed for RawMutex {
    type Duration = Duration;
    type Instant = Instant;

    #[track_caller]
    fn try_lock_for(&self, timeout: Duration) -> bool {
        self.lock_until(crate::deadline::after(gaggle_gopark::now(), timeout))
    }

    #[track_caller]
    fn try_lock_until(&self, timeout: Instant) -> bool {
        self.try_lock_for(timeout.saturating_duration_since(gaggle_gopark::instant_now()))
    }
}
