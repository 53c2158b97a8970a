//! All that race detectors must know of switches, in one place; a type without size when none is built in.
//!
//! ThreadSanitizer keeps a shadow stack and a clock per *fiber*. A scheduler that wants its reports right owns a [`Fiber`] per
//! context and calls [`Fiber::enter`] right before `switch`, in the same always-inlined function: outlined into
//! an instrumented function of its own the shadow stack would underflow.
//!
//! Built with `--cfg race` (beside the compiler's sanitizer flag) the calls are real, else they are nothing.
//! AddressSanitizer's fiber calls are not made yet: use it with `--cfg gaggle_coro="thread"`.
//!
//! Invariants
//! * **Entered By One**: a fiber is entered by the thread that switches to its context, and by no other until that one left.
//! * **Destroyed From Outside**: a fiber is never destroyed while somebody is in it.

#[cfg(race)]
use imp::Handle;

/// What the race detector knows of one context: a name, nothing at all unless built for it.
#[derive(Clone, Copy, Debug)]
pub struct Fiber {
    #[cfg(race)]
    handle: Handle,
}

#[cfg(race)]
mod imp {
    use core::ffi::{c_uint, c_void};

    pub(super) type Handle = *mut c_void;
    unsafe extern "C" {
        pub(super) fn __tsan_get_current_fiber() -> Handle;
        pub(super) fn __tsan_create_fiber(flags: c_uint) -> Handle;
        pub(super) fn __tsan_destroy_fiber(fiber: Handle);
        pub(super) fn __tsan_switch_to_fiber(fiber: Handle, flags: c_uint);
    }
}

/// Whether a switch orders what was done before it with what is done after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It does: caller and coroutine, whose turns are the order.
    Switch,
    /// It does not: goroutines, which only channels and locks may order. So races hidden by one thread show.
    None,
}

// SAFETY: the handle is a name; Entered By One says who may use it.
#[cfg(race)]
unsafe impl Send for Fiber {}
// SAFETY: as for Send.
#[cfg(race)]
unsafe impl Sync for Fiber {}

impl Fiber {
    /// The fiber that runs now. On a thread that never entered another it is the thread's own; enter that one to come back to
    /// the thread's stack, and never destroy it.
    #[must_use]
    pub fn current() -> Self {
        Self {
            #[cfg(race)]
            // SAFETY: only asks.
            handle: unsafe { imp::__tsan_get_current_fiber() },
        }
    }

    /// A fiber for a fresh context. The call is the happens-before edge from the go statement to the goroutine.
    #[must_use]
    pub fn create() -> Self {
        Self {
            #[cfg(race)]
            // SAFETY: makes a name.
            handle: unsafe { imp::__tsan_create_fiber(0) },
        }
    }

    /// Tells the detector that the next thing this thread does is to switch to the fiber's context.
    ///
    /// # Safety
    ///
    /// Entered By One, and the `switch` follows in the same function.
    #[inline(always)]
    pub unsafe fn enter(&self, edge: Edge) {
        let _flags = match edge {
            Edge::Switch => 0,
            Edge::None => 1,
        };
        #[cfg(race)]
        // SAFETY: passed on.
        unsafe {
            imp::__tsan_switch_to_fiber(self.handle, _flags);
        }
    }

    /// Forgets the fiber.
    ///
    /// # Safety
    ///
    /// Destroyed From Outside; it was made by [`Fiber::create`].
    pub unsafe fn destroy(self) {
        #[cfg(race)]
        // SAFETY: passed on.
        unsafe {
            imp::__tsan_destroy_fiber(self.handle);
        }
    }
}
