//! What the small programs share: scaled sleeps, Go's `defer`, Go's `rand.Intn`.
//!
//! Invariant: nothing here blocks, and nothing touches a thread-local, so every call may stand
//! between two switch points.
#![allow(dead_code, reason = "each example includes this file and uses its own part of it")]

use core::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The environment variable that shrinks sleeps: `GAGGLE_TOUR_SCALE=0.1` makes them ten times shorter.
const SCALE: &str = "GAGGLE_TOUR_SCALE";

/// `n * time.Millisecond` of the source, times `GAGGLE_TOUR_SCALE` (1 if unset or unusable).
pub(crate) fn millis(n: u64) -> Duration {
    let scale = std::env::var(SCALE).ok().and_then(|text| text.parse::<f64>().ok());
    let scale = scale.filter(|it| (0.0..=1000.0).contains(it)).unwrap_or(1.0);
    Duration::from_millis(n).mul_f64(scale)
}

/// Runs a closure when the scope ends, however it ends: Go's `defer`.
#[must_use = "the closure runs when this is dropped"]
pub(crate) struct Defer<F: FnMut()>(F);

/// `defer f()`.
pub(crate) fn defer<F: FnMut()>(f: F) -> Defer<F> {
    Defer(f)
}

impl<F: FnMut()> Drop for Defer<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A number in `0..n`, different from run to run: Go's `rand.Intn` after `rand.Seed(time.Now())`.
pub(crate) fn intn(n: u64) -> u64 {
    static STATE: AtomicU64 = AtomicU64::new(0);
    // Relaxed: the numbers publish nothing, each caller only needs a step of its own.
    let step = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos() as u64);
    let mut z = seed.wrapping_add(step);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % n
}
