//! A lock that neither allocates nor knows the scheduler: spin a little, then let the kernel run somebody else.
//!
//! Invariants
//! * **Short**: what happens under it is a few loads and stores, or one `mmap` each time the stacks double; a holder never
//!   waits for another lock. So yielding waiters always make progress.
//! * **Not Preempted For Long**: an M takes it inside a runtime section, where the scheduler does not suspend it. The kernel may;
//!   then the waiters' `sched_yield` gives the core back.

use core::cell::UnsafeCell;
use core::hint;
use core::ops::{Deref, DerefMut};

use crate::sync::{AtomicU32, Ordering};

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Looks at the word before the first `sched_yield`; about the length of the longest ordinary holding.
const SPINS: u32 = 64;

/// A value behind a spinning lock.
pub(crate) struct Spin<T> {
    word: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: the lock hands the value to one thread at a time.
unsafe impl<T: Send> Sync for Spin<T> {}

/// The right to the value; gives the lock back when dropped.
pub(crate) struct SpinGuard<'a, T> {
    spin: &'a Spin<T>,
}

impl<T> Spin<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { word: AtomicU32::new(FREE), value: UnsafeCell::new(value) }
    }

    pub(crate) fn lock(&self) -> SpinGuard<'_, T> {
        if !self.try_take() {
            self.lock_slow();
        }
        SpinGuard { spin: self }
    }

    fn try_take(&self) -> bool {
        // Acquire: pairs with the Release in `SpinGuard::drop`. Relaxed on failure: nothing is read then.
        self.word.compare_exchange_weak(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[cold]
    #[inline(never)]
    fn lock_slow(&self) {
        let mut looks = 0;
        loop {
            // Relaxed: only a hint when to try; `try_take` decides.
            if self.word.load(Ordering::Relaxed) == FREE && self.try_take() {
                return;
            }
            looks += 1;
            if looks < SPINS {
                hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

impl<T> Deref for SpinGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: the guard is the right to the value.
        unsafe { &*self.spin.value.get() }
    }
}

impl<T> DerefMut for SpinGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the guard is the right to the value, and it is borrowed exclusively.
        unsafe { &mut *self.spin.value.get() }
    }
}

impl<T> Drop for SpinGuard<'_, T> {
    fn drop(&mut self) {
        // Release: pairs with the Acquire in `Spin::try_take`.
        self.spin.word.store(FREE, Ordering::Release);
    }
}
