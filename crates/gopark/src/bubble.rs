//! Bubbles, as far as those below the scheduler must know of them: whether the current G is in one, and
//! what time it is there. What a bubble is made of: `gaggle-sched`, `bubble.rs`.
//!
//! *Not Yet Any*: until the first bubble of a process is made, each question here is one look at a flag
//! that never changes. It is never taken back, so that what a bubble left behind is told from the rest.

use crate::section::current;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_lock::nanotime;

/// The number that is no bubble's.
pub const NO_BUBBLE: u32 = 0;

const NEVER: u32 = 0;
const SINCE: u32 = 1;

static ANY: AtomicU32 = AtomicU32::new(NEVER);

/// From here on there may be bubbles. For who makes them, before the first G is in one.
pub fn have_bubbles() {
    // Relaxed: who is in a bubble was started after this, by something that orders it.
    ANY.store(SINCE, Ordering::Relaxed);
}

/// True if there may be, or may have been, a bubble in this process (Not Yet Any).
#[inline(always)]
pub fn any_bubbles() -> bool {
    // Relaxed: see `have_bubbles`.
    ANY.load(Ordering::Relaxed) != NEVER
}

/// The number of the bubble that the current G belongs to, or [`NO_BUBBLE`].
#[inline]
pub fn bubble() -> u32 {
    if any_bubbles() { bubble_of_current() } else { NO_BUBBLE }
}

#[cold]
#[inline(never)]
fn bubble_of_current() -> u32 {
    current().bubble()
}

/// The monotonic nanosecond, as the clock of the current G has it: in a bubble a made-up one, which
/// moves when all in there wait.
#[inline]
pub fn now() -> u64 {
    if any_bubbles() { now_of_current() } else { nanotime() }
}

#[cold]
#[inline(never)]
fn now_of_current() -> u64 {
    let g = current();
    match g.bubble() {
        NO_BUBBLE => nanotime(),
        _ => (g.host().now)(g),
    }
}
