//! `BareMutex`: Go's lock and unlock, without data and without guards.

use super::raw::RawMutex;
use core::time::Duration;

/// A mutex without data (Go: a bare `sync.Mutex`).
///
/// Not owned: one goroutine may lock it and another unlock it. For data use
/// [`Mutex`](crate::Mutex), whose guards cannot be forgotten.
///
/// # Examples
///
/// ```
/// use gaggle_sync::BareMutex;
/// static BUSY: BareMutex = BareMutex::new();
/// BUSY.lock();
/// assert!(!BUSY.try_lock());
/// std::thread::spawn(|| BUSY.unlock()).join().unwrap(); // whoever
/// assert!(BUSY.try_lock());
/// ```
#[derive(Debug, Default)]
pub struct BareMutex {
    raw: RawMutex,
}

impl BareMutex {
    /// An unlocked mutex.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self { raw: RawMutex::new() }
    }

    /// An unlocked mutex.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new() -> Self {
        Self { raw: RawMutex::new() }
    }

    /// What it is made of.
    pub(crate) fn raw(&self) -> &RawMutex {
        &self.raw
    }

    /// Waits until the mutex is ours. A switch point.
    #[inline]
    #[track_caller]
    pub fn lock(&self) {
        self.raw.lock();
    }

    /// Takes the mutex if it is free and nobody is starving for it (SEMANTICS K4).
    #[inline]
    #[must_use = "false: the mutex was not taken"]
    #[track_caller]
    pub fn try_lock(&self) -> bool {
        self.raw.try_lock()
    }

    /// Waits at most `timeout` until the mutex is ours; true if it is. A switch point.
    #[must_use = "false: the mutex was not taken"]
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> bool {
        self.raw.lock_until(crate::deadline::after(gaggle_gopark::now(), timeout))
    }

    /// Gives the mutex back, whoever took it. Never switches.
    ///
    /// An unlocked mutex cannot be unlocked: that ends the process with exit code 2 and the text
    /// `fatal error: sync: unlock of unlocked mutex`, which nothing can catch (SEMANTICS K3).
    #[inline]
    pub fn unlock(&self) {
        self.raw.unlock();
    }
}
