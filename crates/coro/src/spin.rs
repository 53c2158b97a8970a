//! A lock that neither allocates nor knows the scheduler: spin a little, then let the kernel run somebody else.
//!
//! Invariants
//! * **Short**: what happens under it is a few loads and stores, or one `mmap` each time the stacks double; a holder never
//!   waits for another lock. So yielding waiters always make progress.
//! * **Not Preempted For Long**: a holder is not stopped by a scheduler, which says so by [`set_around`]. The kernel may stop it;
//!   then the waiters' `sched_yield` gives the core back.

use core::cell::UnsafeCell;
use core::hint;
use core::ops::{Deref, DerefMut};

use crate::sync::{AtomicPtr, AtomicU32, Ordering};

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Looks at the word before the first `sched_yield`; about the length of the longest ordinary holding.
const SPINS: u32 = 64;

/// What a scheduler that stops threads in the middle does around each use of a lock of this crate, on the thread that uses
/// it: between `before` and `after` the thread is not stopped. They nest.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Called before the lock is looked at.
    pub before: fn(),
    /// Called after it was given back.
    pub after: fn(),
}

static AROUND: AtomicPtr<Around> = AtomicPtr::new(core::ptr::null_mut());

/// Makes all threads call `around`. For a scheduler, before it stops anybody.
pub fn set_around(around: &'static Around) {
    // Release: pairs with the Acquire in `around`.
    AROUND.store(core::ptr::from_ref(around).cast_mut(), Ordering::Release);
}

fn around() -> Option<&'static Around> {
    // Acquire: pairs with the Release in `set_around`.
    // SAFETY: only `set_around` stores here, from a `'static` reference.
    unsafe { AROUND.load(Ordering::Acquire).as_ref() }
}

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
    around: Option<&'static Around>,
}

impl<T> Spin<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { word: AtomicU32::new(FREE), value: UnsafeCell::new(value) }
    }

    pub(crate) fn lock(&self) -> SpinGuard<'_, T> {
        let around = around();
        if let Some(around) = around {
            (around.before)();
        }
        if !self.try_take() {
            self.lock_slow();
        }
        SpinGuard { spin: self, around }
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
        if let Some(around) = self.around {
            (around.after)();
        }
    }
}
