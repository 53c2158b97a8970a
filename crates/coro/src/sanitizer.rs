//! All that sanitizers must know of switches, in one place; types without size when none is built in.
//!
//! A sanitizer keeps what it knows of a stack per *fiber*. A scheduler that wants its reports right owns a
//! [`Fiber`] per context and calls [`Fiber::enter`] right before `switch`, in the same always-inlined
//! function (outlined into an instrumented function of its own ThreadSanitizer's shadow stack would
//! underflow), and [`arrived`] right after it and first of all on a fresh stack.
//!
//! | built with | the calls are | file |
//! |---|---|---|
//! | nothing | nothing | `off.rs` |
//! | `--cfg gaggle_tsan` and the compiler's flag | ThreadSanitizer's fibers | `tsan.rs` |
//! | `--cfg gaggle_asan` and the compiler's flag | AddressSanitizer's announcements of switches | `asan.rs` |
//!
//! Valgrind needs no build of its own: `valgrind.rs` tells it of each stack in every build.
//!
//! Invariants
//! * **Entered By One**: a fiber is entered by the thread that switches to its context, and by no other until that one left.
//! * **Destroyed From Outside**: a fiber is never destroyed while somebody is in it.

#[cfg(gaggle_asan)]
#[path = "sanitizer/asan.rs"]
mod imp;
#[cfg(not(any(gaggle_asan, gaggle_tsan)))]
#[path = "sanitizer/off.rs"]
mod imp;
#[cfg(all(gaggle_tsan, not(gaggle_asan)))]
#[path = "sanitizer/tsan.rs"]
mod imp;

pub(crate) mod valgrind;

use crate::Stack;
use core::panic::Location;

/// True if a sanitizer is built in that must be told.
pub const ON: bool = imp::ON;

/// Threads that the sanitizer has started for itself by the time that anybody else has: they are nobody's who could
/// ready a goroutine.
pub const THREADS: u32 = imp::THREADS;

/// To be called before there are threads that may meet inside the sanitizer.
pub fn prepare() {
    imp::prepare();
}

/// What the sanitizer knows of one context: a name, nothing at all unless built for it.
#[derive(Clone, Copy, Debug)]
pub struct Fiber {
    handle: imp::Handle,
}

/// Whether a switch orders what was done before it with what is done after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// It does: caller and coroutine, whose turns are the order.
    Switch,
    /// It does not: goroutines, which only channels and locks may order. So races hidden by one thread show.
    None,
}

/// Whether the side that leaves will be entered again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// It will.
    ForNow,
    /// It has ended.
    ForEver,
}

// SAFETY: the handle is a name; Entered By One says who may use it.
unsafe impl Send for Fiber {}
// SAFETY: as for Send.
unsafe impl Sync for Fiber {}

impl Fiber {
    /// No fiber.
    #[must_use]
    pub const fn none() -> Self {
        Self { handle: imp::NONE }
    }

    /// The fiber that runs now. On a thread that never entered another it is the thread's own; enter that one to come back to
    /// the thread's stack, and never destroy it.
    #[inline(always)]
    #[must_use]
    pub fn current() -> Self {
        Self { handle: imp::current() }
    }

    /// A fiber for a fresh context. The call is the happens-before edge from the go statement to the goroutine.
    #[inline(always)]
    #[must_use]
    pub fn create() -> Self {
        Self { handle: imp::create() }
    }

    /// Says which stack the fresh context is to run on.
    #[inline(always)]
    pub fn stands_on(&self, stack: &Stack) {
        imp::stands_on(self.handle, stack);
    }

    /// What reports call it: the goroutine's number, and its go statement.
    pub fn set_name(&self, id: u64, site: Option<&'static Location<'static>>) {
        imp::set_name(self.handle, id, site);
    }

    /// Tells the sanitizer that the next thing this thread does is to switch to the fiber's context.
    ///
    /// # Safety
    ///
    /// Entered By One, and the `switch` follows in the same function.
    #[inline(always)]
    pub unsafe fn enter(&self, edge: Edge, leaves: Leaves) {
        // SAFETY: passed on.
        unsafe { imp::enter(self.handle, edge, leaves) };
    }

    /// Forgets the fiber.
    ///
    /// # Safety
    ///
    /// Destroyed From Outside; it was made by [`Fiber::create`].
    #[inline(always)]
    pub unsafe fn destroy(self) {
        // SAFETY: passed on.
        unsafe { imp::destroy(self.handle) };
    }
}

/// The first act after a switch, or on a fresh stack.
#[inline(always)]
pub fn arrived() {
    imp::arrived();
}

/// Nobody was ever on this stack, as far as the sanitizer is concerned. The stack is idle; what lay on it is lost.
#[inline(always)]
pub fn renew(stack: &Stack) {
    imp::renew(stack);
}
