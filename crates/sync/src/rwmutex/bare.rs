//! `BareRwMutex`: Go's reader/writer lock, without data and without guards.

use super::raw::RawRwMutex;
use crate::deadline;
use crate::locker::Locker;
use core::time::Duration;

/// A reader/writer mutex without data (Go: a bare `sync.RWMutex`).
///
/// Not owned: whoever may unlock what another has locked. A writer that waits keeps new readers out
/// (SEMANTICS L2), so who reads already must not read once more inside. Readers that are in each other's
/// way are counted apart, on a cache line for each P, until the next writer comes. For data use
/// [`RwMutex`](crate::RwMutex), whose guards cannot be forgotten.
///
/// # Examples
///
/// ```
/// use gaggle_sync::BareRwMutex;
/// static TABLE: BareRwMutex = BareRwMutex::new();
/// TABLE.rlock();
/// assert!(TABLE.try_rlock() && !TABLE.try_lock());
/// TABLE.runlock();
/// TABLE.runlock();
/// assert!(TABLE.try_lock() && !TABLE.try_rlock());
/// TABLE.unlock();
/// ```
#[derive(Debug, Default)]
pub struct BareRwMutex {
    raw: RawRwMutex,
}

impl BareRwMutex {
    /// An unlocked mutex.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { raw: RawRwMutex::new() }
    }

    /// An unlocked mutex.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self { raw: RawRwMutex::new() }
    }

    /// Waits until no writer holds it or waits for it; then it is ours to read. A switch point.
    #[inline]
    #[doc(alias = "RLock")]
    #[track_caller]
    pub fn rlock(&self) {
        self.raw.rlock();
    }

    /// Takes it for reading if no writer holds it or waits for it (SEMANTICS L5).
    #[inline]
    #[must_use = "false: the mutex was not taken"]
    #[track_caller]
    pub fn try_rlock(&self) -> bool {
        self.raw.try_rlock()
    }

    /// As [`rlock`](Self::rlock), at most for `timeout`; true if it is ours. A switch point.
    #[must_use = "false: the mutex was not taken"]
    #[track_caller]
    pub fn rlock_timeout(&self, timeout: Duration) -> bool {
        self.raw.rlock_until(deadline::after(gaggle_gopark::now(), timeout))
    }

    /// A reader gives it back. Never switches.
    ///
    /// If no reader holds it, that ends the process with exit code 2 and the text
    /// `fatal error: sync: RUnlock of unlocked RWMutex`, which nothing can catch (SEMANTICS L4).
    #[inline]
    #[doc(alias = "RUnlock")]
    pub fn runlock(&self) {
        self.raw.runlock();
    }

    /// Waits until it is ours alone. A switch point.
    #[inline]
    #[track_caller]
    pub fn lock(&self) {
        self.raw.lock();
    }

    /// Takes it for writing if nobody holds it (SEMANTICS L5).
    #[inline]
    #[must_use = "false: the mutex was not taken"]
    #[track_caller]
    pub fn try_lock(&self) -> bool {
        self.raw.try_lock()
    }

    /// As [`lock`](Self::lock), at most for `timeout`; true if it is ours. A switch point.
    #[must_use = "false: the mutex was not taken"]
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> bool {
        self.raw.lock_until(deadline::after(gaggle_gopark::now(), timeout))
    }

    /// The writer gives it back. Never switches.
    ///
    /// If no writer holds it, that ends the process with exit code 2 and the text
    /// `fatal error: sync: Unlock of unlocked RWMutex`, which nothing can catch (SEMANTICS L4).
    #[inline]
    pub fn unlock(&self) {
        self.raw.unlock();
    }

    /// The readers' side as a [`Locker`]: its `lock` is our `rlock` (SEMANTICS L6).
    #[doc(alias = "RLocker")]
    pub fn rlocker(&self) -> RLocker<'_> {
        RLocker { raw: &self.raw }
    }
}

impl Locker for BareRwMutex {
    fn lock(&self) {
        BareRwMutex::lock(self);
    }

    fn unlock(&self) {
        BareRwMutex::unlock(self);
    }
}

/// The readers' side of a [`BareRwMutex`] (Go: what `RLocker` returns).
///
/// # Examples
///
/// ```
/// use gaggle_sync::{BareRwMutex, Locker};
/// let table = BareRwMutex::new();
/// let reader = table.rlocker();
/// reader.lock();
/// assert!(table.try_rlock() && !table.try_lock());
/// reader.unlock();
/// reader.unlock();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RLocker<'a> {
    raw: &'a RawRwMutex,
}

impl Locker for RLocker<'_> {
    fn lock(&self) {
        self.raw.rlock();
    }

    fn unlock(&self) {
        self.raw.runlock();
    }
}
