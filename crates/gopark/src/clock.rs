//! A coarse clock for stamps that must cost one load ("waiting since").
//!
//! The scheduler's monitor advances it; where there is no scheduler it stands at zero and stamps
//! say nothing.

use core::sync::atomic::{AtomicU64, Ordering};

static NOW: AtomicU64 = AtomicU64::new(0);

/// Monotonic nanoseconds as of the monitor's last look.
#[inline]
pub fn coarse_now() -> u64 {
    // Relaxed: a stamp; it orders nothing.
    NOW.load(Ordering::Relaxed)
}

/// Advances the coarse clock. For the scheduler's monitor.
pub fn set_coarse_now(now: u64) {
    // Relaxed: see `coarse_now`.
    NOW.store(now, Ordering::Relaxed);
}
