//! A call that comes later, and once: of a function that can be called no more often.

use crate::round::later::Later;
use core::cell::UnsafeCell;
use core::fmt;
use core::panic::Location;

/// *Rings Once*: the alarm is set once, so who calls is alone with it.
struct Once<F>(UnsafeCell<Option<F>>);

// SAFETY: Rings Once.
unsafe impl<F: Send> Sync for Once<F> {}

impl<F: FnOnce()> Once<F> {
    fn call(&self) {
        // SAFETY: Rings Once.
        let f = unsafe { &mut *self.0.get() }.take();
        if let Some(f) = f {
            f();
        }
    }
}

/// A call that comes once, or is cancelled. Dropping it changes nothing.
pub struct LaterOnce(Later);

impl LaterOnce {
    /// As [`Later::at`], of a function that can be called once: it is gone when that call is over, or
    /// when nobody has this any more.
    pub fn at<F>(when: u64, f: F, site: &'static Location<'static>) -> LaterOnce
    where
        F: FnOnce() + Send + 'static,
    {
        let once = Once(UnsafeCell::new(Some(f)));
        LaterOnce(Later::at(when, move || once.call(), site))
    }

    /// As [`Later::at_outside`], the same.
    pub fn at_outside<F>(when: u64, f: F, site: &'static Location<'static>) -> LaterOnce
    where
        F: FnOnce() + Send + 'static,
    {
        let once = Once(UnsafeCell::new(Some(f)));
        LaterOnce(Later::at_outside(when, move || once.call(), site))
    }

    /// The call does not come. True if it was still to come. It does not wait for one that has begun.
    pub fn cancel(self) -> bool {
        self.0.cancel()
    }
}

impl fmt::Debug for LaterOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
