//! Cond: goroutines that wait until something about a locked value has changed.

use crate::deadline;
use crate::locker::Locker;
use crate::mutex::RawMutex;
use core::fmt;
use core::time::Duration;
use gaggle_gopark::{WaitReason, Wake};
use gaggle_race::Place;
use gaggle_sudog::notify::{self, Ended, Notify};

/// A condition to wait for (Go: `sync.Cond`).
///
/// [`wait`](Self::wait) gives up the mutex of its guard while it waits. There are no spurious wake-ups
/// (SEMANTICS O1), but between the signal and the return of `wait` others may have had the mutex, so the
/// condition is looked at in a loop, or by [`wait_while`](Self::wait_while). Waiters are woken in the
/// order in which they came, also while they are not yet asleep (O3).
///
/// It cannot be copied (O4), and it cannot move while somebody waits:
///
/// ```compile_fail
/// fn copied(cond: &gaggle_sync::Cond) -> gaggle_sync::Cond {
///     *cond
/// }
/// ```
///
/// # Examples
///
/// ```
/// use gaggle_sync::{Cond, Mutex};
/// static READY: Mutex<bool> = Mutex::new(false);
/// static CHANGED: Cond = Cond::new();
///
/// let setter = std::thread::spawn(|| {
///     *READY.lock() = true;
///     CHANGED.broadcast();
/// });
/// let mut ready = READY.lock();
/// while !*ready {
///     CHANGED.wait(&mut ready);
/// }
/// setter.join().unwrap();
/// ```
#[derive(Default)]
pub struct Cond {
    notify: Notify,
    race: Place,
}

/// Locks again when the wait is over, however it ends.
struct Relock<F: Fn()>(F);

impl<F: Fn()> Drop for Relock<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl Cond {
    /// A condition that nobody waits for.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new() -> Self {
        Self { notify: Notify::new(), race: Place::new() }
    }

    /// A condition that nobody waits for.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new() -> Self {
        Self { notify: Notify::new(), race: Place::new() }
    }

    /// Unlocks, waits for [`signal`](Self::signal) or [`broadcast`](Self::broadcast), and locks again. A
    /// switch point.
    #[cfg(not(loom))] // guards are lock_api's
    #[inline]
    pub fn wait(&self, guard: &mut impl CondGuard) {
        let _woken = self.wait_guard(guard, None);
    }

    /// As [`wait`](Self::wait), at most for `timeout`; true if it was woken by a signal. A switch point.
    #[cfg(not(loom))] // guards are lock_api's
    pub fn wait_timeout(&self, guard: &mut impl CondGuard, timeout: Duration) -> bool {
        let deadline = deadline::after(gaggle_gopark::now(), timeout);
        self.wait_guard(guard, Some(deadline)) == Wake::Woken
    }

    /// Waits as long as `condition` holds.
    #[cfg(not(loom))] // guards are lock_api's
    pub fn wait_while<G: CondGuard>(
        &self,
        guard: &mut G,
        mut condition: impl FnMut(&mut G) -> bool,
    ) {
        while condition(guard) {
            self.wait(guard);
        }
    }

    /// As [`wait_while`](Self::wait_while), at most for `timeout`; true if the condition does not hold any
    /// more, which is looked at once more when the time is up. A switch point.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_sync::{Cond, Mutex};
    /// use std::time::Duration;
    /// let (queue, changed) = (Mutex::new(Vec::<u32>::new()), Cond::new());
    /// let mut guard = queue.lock();
    /// let filled = changed.wait_while_timeout(
    ///     &mut guard,
    ///     |queue| queue.is_empty(),
    ///     Duration::from_millis(1),
    /// );
    /// assert!(!filled);
    /// ```
    #[cfg(not(loom))] // guards are lock_api's
    pub fn wait_while_timeout<G: CondGuard>(
        &self,
        guard: &mut G,
        mut condition: impl FnMut(&mut G) -> bool,
        timeout: Duration,
    ) -> bool {
        let deadline = deadline::after(gaggle_gopark::now(), timeout);
        while condition(guard) {
            if self.wait_guard(guard, Some(deadline)) == Wake::TimedOut {
                return !condition(guard);
            }
        }
        true
    }

    #[cfg(not(loom))] // guards are lock_api's
    fn wait_guard<G: CondGuard>(&self, guard: &mut G, deadline: Option<u64>) -> Wake {
        let guard = &*guard;
        // SAFETY: the guard is ours alone, so its lock is held; and it is held again before the caller
        // can use the guard, because `wait_with` locks whenever it has unlocked.
        let unlock = || unsafe { guard.release() };
        // SAFETY: as above: who waits without it has it again before the caller can use the guard.
        let raw = unsafe { guard.raw_mutex() };
        self.wait_with(deadline, raw, unlock, || guard.acquire())
    }

    /// As [`wait`](Self::wait), for any lock, which the caller holds (Go: `c.L`). A switch point.
    #[inline]
    pub fn wait_on(&self, lock: &(impl Locker + ?Sized)) {
        let _woken = self.wait_with(None, lock.raw_mutex(), || lock.unlock(), || lock.lock());
    }

    /// As [`wait_on`](Self::wait_on), at most for `timeout`; true if it was woken by a signal. A switch
    /// point.
    pub fn wait_on_timeout(&self, lock: &(impl Locker + ?Sized), timeout: Duration) -> bool {
        let deadline = deadline::after(gaggle_gopark::now(), timeout);
        self.wait_with(Some(deadline), None, || lock.unlock(), || lock.lock()) == Wake::Woken
    }

    fn wait_with(
        &self,
        deadline: Option<u64>,
        raw: Option<&RawMutex>,
        unlock: impl FnOnce(),
        lock: impl Fn(),
    ) -> Wake {
        let ended = match raw {
            Some(raw) => self.wait_without(raw, deadline),
            None => {
                let mut relock = None;
                let release = || {
                    unlock();
                    relock = Some(Relock(lock));
                };
                notify::wait(&self.notify, WaitReason::CondWait, deadline, None, release)
            }
        };
        if ended == Ended::TimedOut {
            return Wake::TimedOut;
        }
        self.race.acquire();
        Wake::Woken
    }

    /// Waits without the mutex, and takes it again.
    fn wait_without(&self, mutex: &RawMutex, deadline: Option<u64>) -> Ended {
        mutex.is_given_back();
        let release = || mutex.unlock_unnoted();
        let ended =
            notify::wait(&self.notify, WaitReason::CondWait, deadline, Some(mutex), release);
        match ended {
            Ended::WithToken(since) => mutex.lock_with_token(since),
            _ => mutex.lock(),
        }
        ended
    }

    /// Wakes the one who waits longest, if anybody waits. The lock may be held or not. Never switches.
    #[inline]
    pub fn signal(&self) {
        self.race.release_merge();
        self.notify.one();
    }

    /// Wakes all who wait. The lock may be held or not. Never switches.
    #[inline]
    pub fn broadcast(&self) {
        self.race.release_merge();
        self.notify.all();
    }
}

impl fmt::Debug for Cond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cond").field("waiting", &self.notify.waiting()).finish()
    }
}

#[cfg(not(loom))] // guards are lock_api's
pub use guards::CondGuard;

#[cfg(not(loom))] // guards are lock_api's
mod guards {
    use crate::mutex::{MutexGuard, RawMutex};
    use crate::rwmutex::{RwMutexReadGuard, RwMutexWriteGuard};

    mod sealed {
        pub trait Sealed {}
    }
    use sealed::Sealed;

    /// The guards with which one can wait on a [`Cond`](super::Cond): those of `Mutex` and `RwMutex`.
    ///
    /// What is in it is for `Cond`. Nothing in it lets safe code unlock under a guard:
    ///
    /// ```compile_fail,E0133
    /// use gaggle_sync::{CondGuard, Mutex};
    /// let names = Mutex::new(vec!["gopher"]);
    /// let guard = names.lock();
    /// guard.raw_mutex().unwrap().unlock();
    /// assert_eq!(guard[0], "gopher");
    /// ```
    pub trait CondGuard: Sealed {
        /// Unlocks under the guard.
        ///
        /// # Safety
        ///
        /// The guard is not used until [`acquire`](Self::acquire) has returned.
        #[doc(hidden)]
        unsafe fn release(&self);

        /// Locks again.
        #[doc(hidden)]
        fn acquire(&self);

        /// The mutex, if it is one.
        ///
        /// # Safety
        ///
        /// If it is unlocked, then as by [`release`](Self::release).
        #[doc(hidden)]
        unsafe fn raw_mutex(&self) -> Option<&RawMutex>;
    }

    macro_rules! guard {
        ($guard:ident, $lock:ident, $acquire:ident, $release:ident, $raw:expr) => {
            impl<T: ?Sized> Sealed for $guard<'_, T> {}

            impl<T: ?Sized> CondGuard for $guard<'_, T> {
                unsafe fn release(&self) {
                    // SAFETY: what the guard holds is given back by who lent it: the caller's promise.
                    unsafe { Self::$lock(self).raw() }.$release();
                }

                fn acquire(&self) {
                    // SAFETY: it is locked once more and unlocked by the guard, once.
                    unsafe { Self::$lock(self).raw() }.$acquire();
                }

                unsafe fn raw_mutex(&self) -> Option<&RawMutex> {
                    $raw(self)
                }
            }
        };
    }

    guard!(MutexGuard, mutex, lock, unlock, |guard| {
        // SAFETY: it is unlocked as its caller promises.
        Some(unsafe { MutexGuard::mutex(guard).raw() })
    });
    guard!(RwMutexReadGuard, rwlock, rlock, runlock, |_| None);
    guard!(RwMutexWriteGuard, rwlock, lock, unlock, |_| None);
}
