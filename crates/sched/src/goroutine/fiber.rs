//! What a sanitizer is told of goroutines: each is a fiber of its own, and so is each M's stack.
//!
//! *Fiber Follows*: whoever switches has made the target the M's current goroutine (`context_of`, `to_g0`), so
//! the fiber to enter is that one's. The call stands right before the switch, in the same function.
//!
//! Without a sanitizer all of this is nothing.

use crate::goroutine::g::Goroutine;
use crate::machine::m::M;
use core::cell::Cell;
use core::fmt;
use gaggle_coro::Stack;
use gaggle_coro::sanitizer::{self, Edge, Fiber, Leaves};
use gaggle_prim::throw;
use gaggle_race::Hush;

/// True if a sanitizer is built in that must be told of switches.
pub(crate) const ON: bool = sanitizer::ON;

/// Where a goroutine keeps its fiber (Running Owns The Stack, in `g.rs`).
pub(crate) struct FiberPlace(Cell<Fiber>);

impl FiberPlace {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(Fiber::none()))
    }

    /// The goroutine is to run on this one.
    #[inline(always)]
    pub(crate) fn set(&self, fiber: Fiber) {
        self.0.set(fiber);
    }

    /// Here it will be come back to: the M's own stack; a goroutine's, or that of a call of its (`grow`).
    #[inline(always)]
    pub(crate) fn is_here(&self) {
        if ON {
            self.set(Fiber::current());
        }
    }

    /// The goroutine is to run on this stack, which is idle.
    #[inline(always)]
    pub(crate) fn stands_on(&self, stack: &Stack) {
        if ON && Hush::is_meant() {
            sanitizer::renew(stack);
        }
        self.0.get().stands_on(stack);
    }

    /// The goroutine has ended, and somebody else runs.
    #[inline(always)]
    pub(crate) fn bury(&self) {
        // SAFETY: Destroyed From Outside: the goroutine is off its stack.
        unsafe { self.0.replace(Fiber::none()).destroy() };
    }
}

impl fmt::Debug for FiberPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FiberPlace").finish_non_exhaustive()
    }
}

/// Tells the sanitizer that this thread goes on as its current goroutine.
///
/// # Safety
///
/// Fiber Follows.
#[inline(always)]
pub(crate) unsafe fn follow(m: &'static M) {
    if ON {
        let (fiber, edge) = target(m);
        // SAFETY: the caller's promise.
        unsafe { fiber.enter(edge, Leaves::ForNow) };
    }
}

/// As [`follow`], and nobody comes back here.
///
/// # Safety
///
/// Fiber Follows.
#[inline(always)]
pub(crate) unsafe fn follow_for_ever(m: &'static M) {
    if ON {
        let (fiber, edge) = target(m);
        Hush::leaves();
        // SAFETY: the caller's promise.
        unsafe { fiber.enter(edge, Leaves::ForEver) };
    }
}

#[inline(never)]
fn target(m: &'static M) -> (Fiber, Edge) {
    let Some(g) = m.seat.g() else { throw!("sched: a switch to nobody") };
    let edge = if Hush::is_meant() { Edge::None } else { Edge::Switch };
    (Goroutine::of(g).fiber.0.get(), edge)
}

/// First act after a switch.
#[inline(always)]
pub(crate) fn arrived() {
    sanitizer::arrived();
}

/// First act on a fresh stack, in the section that came with the switch.
#[inline(always)]
pub(crate) fn arrives() {
    Hush::arrives();
    sanitizer::arrived();
}

/// A thread is about to run goroutines.
#[inline(always)]
pub(crate) fn thread_begins(m: &M) {
    if ON {
        m.began.release();
    }
}

/// A goroutine has come to the thread of `m`, whose thread-locals were made before.
#[inline(always)]
pub(crate) fn comes_to(m: &M) {
    if ON {
        m.began.acquire();
    }
}

/// What reports call a goroutine that begins.
#[inline(always)]
pub(crate) fn begins(g: &Goroutine) {
    if ON {
        g.fiber.0.get().set_name(g.g.id(), g.site());
    }
}
