//! The asymmetric fence: a cheap side for the frequent party, a dear one for the rare party.
//!
//! Store-buffer law: if A does `store x; light_fence; load y` and B does `store y; heavy_fence;
//! load x`, at least one of them sees the other's store. It holds because `heavy_fence` runs a
//! full barrier on every core that runs a thread of this process (`membarrier(2)`), wherever that
//! thread stands: either before A's store is visible (then A's load comes after B's barrier) or
//! after it. Where the kernel has no expedited membarrier, both sides are SeqCst fences, for
//! which the same law is C++'s. Under loom both are SeqCst fences too.
//!
//! The choice is made once per process, by whoever comes first, and never changes: two threads
//! that raced for it got the same answer from the kernel.

#[cfg(not(loom))]
use core::sync::atomic::{AtomicU8, Ordering, compiler_fence, fence};

#[cfg(not(loom))]
const UNKNOWN: u8 = 0;
#[cfg(not(loom))]
const ASYMMETRIC: u8 = 1;
#[cfg(not(loom))]
const SYMMETRIC: u8 = 2;

#[cfg(not(loom))]
static KIND: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The frequent party's side of the pair.
#[inline(always)]
pub fn light_fence() {
    #[cfg(loom)] // proof: the model's face of both sides is a SeqCst fence
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
    #[cfg(not(loom))]
    {
        compiler_fence(Ordering::SeqCst); // proof: the hardware does the rest, see above
        // Relaxed: the value publishes nothing, and every thread would compute the same.
        if KIND.load(Ordering::Relaxed) != ASYMMETRIC {
            fence_by_kind();
        }
    }
}

/// The light fence of a process that has not chosen yet, or has no other.
#[cfg(not(loom))]
#[cold]
#[inline(never)]
fn fence_by_kind() {
    if kind() != ASYMMETRIC {
        // proof: the store-buffer law at the top of this file, symmetric case.
        fence(Ordering::SeqCst);
    }
}

/// The rare party's side of the pair: up to tens of microseconds.
#[cold]
pub fn heavy_fence() {
    #[cfg(loom)] // proof: the model's face of both sides is a SeqCst fence
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
    #[cfg(not(loom))]
    if kind() == ASYMMETRIC {
        sys::membarrier();
    } else {
        // proof: the store-buffer law at the top of this file, symmetric case.
        fence(Ordering::SeqCst);
    }
}

/// Orders a read-modify-write just done before the loads that follow (StoreLoad).
///
/// On x86_64 a locked instruction is a full barrier already, so only the compiler is held back;
/// elsewhere this is a SeqCst fence. The other side of the pair is a SeqCst fence
/// ([`full_fence`]).
#[inline(always)]
pub fn fence_after_rmw() {
    #[cfg(loom)] // proof: the model's face of both sides is a SeqCst fence
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
    #[cfg(not(loom))]
    if sys::RMW_IS_A_FENCE {
        compiler_fence(Ordering::SeqCst); // proof: the hardware does the rest, see above
    } else {
        // proof: with `full_fence` on the other side, two SeqCst fences forbid the store buffer.
        fence(Ordering::SeqCst);
    }
}

/// A SeqCst fence: the counterpart of [`fence_after_rmw`].
#[inline(always)]
pub fn full_fence() {
    #[cfg(loom)] // proof: the model's face of both sides is a SeqCst fence
    loom::sync::atomic::fence(loom::sync::atomic::Ordering::SeqCst);
    // proof: see `fence_after_rmw`.
    #[cfg(not(loom))]
    fence(Ordering::SeqCst);
}

#[cfg(not(loom))]
#[inline(always)]
fn kind() -> u8 {
    // Relaxed: the value publishes nothing, and every thread would compute the same.
    match KIND.load(Ordering::Relaxed) {
        UNKNOWN => choose(),
        known => known,
    }
}

#[cfg(not(loom))]
#[cold]
#[inline(never)]
fn choose() -> u8 {
    let kind = if sys::register() { ASYMMETRIC } else { SYMMETRIC };
    // Relaxed: see `kind`.
    KIND.store(kind, Ordering::Relaxed);
    kind
}

#[cfg(not(loom))]
#[path = "sys/mod.rs"]
mod sys;
