//! How long goroutines wait for a P, and how much CPU time they use: `GAGGLE_DEBUG=latency=1`, or
//! [`measure_latency`].
//!
//! `watch.rs` calls it, for `contention.rs` too. On, it costs two readings of the clock and one of the
//! thread's CPU time. *Running Owns The Stack* covers the goroutine's own fields.

use crate::goroutine::g::Goroutine;
use crate::machine::m::M;
use crate::view::contention;
use crate::view::watch::{self, Watcher, is_watched};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use gaggle_gopark::{self as gopark, Status};
use gaggle_lock::nanotime;

/// The upper bounds of the histogram's buckets are powers of two nanoseconds: the first is 64 ns.
const FIRST: u32 = 6;
/// The last bucket has no bound: 2^34 ns are 17 s.
const BUCKETS: usize = 30;
static COUNTS: [AtomicU64; BUCKETS] = [const { AtomicU64::new(0) }; BUCKETS];

/// Begins to measure, for good.
pub(crate) fn switch_on() {
    watch::switch_on(Watcher::Latency);
}

/// Begins to note since when each goroutine runs, for good.
pub fn measure_runs() {
    watch::switch_on(Watcher::Runs);
}

/// Begins to note how long goroutines wait for each other, or stops (`contention.rs`).
pub(crate) fn set_contention(wanted: bool) {
    if wanted {
        watch::switch_on(Watcher::Contention);
    } else {
        watch::switch_off(Watcher::Contention);
    }
}

/// Begins to measure, for every goroutine from its next switch on, how long it waits for a P after
/// it became runnable, and how much CPU time it uses. As `GAGGLE_DEBUG=latency=1` from the start.
pub fn measure_latency() {
    switch_on();
}

/// `goroutine` has become runnable. Whoever readies it, before it is on a queue.
pub(crate) fn became_runnable(goroutine: &Goroutine) {
    let clocks = &goroutine.clocks;
    if is_watched(Watcher::Latency) {
        clocks.runnable_since.set(nanotime());
    }
    let since = clocks.parked_since.get();
    match goroutine.g.reason() {
        _ if since == 0 => {}
        Some(reason) if goroutine.g.status().get() == Status::Waiting => {
            contention::ended(reason, since);
        }
        _ => clocks.parked_since.set(0), // it has only yielded
    }
}

/// `goroutine` runs now, on this thread.
pub(crate) fn runs(goroutine: &Goroutine) {
    let parked = goroutine.clocks.parked_since.take();
    if parked != 0
        && let Some(reason) = goroutine.g.reason()
    {
        contention::went_on(reason, parked);
    }
    if is_watched(Watcher::Runs) {
        goroutine.clocks.on_since.store(nanotime(), Ordering::Relaxed); // Relaxed: for the watchdog
    }
    if !is_watched(Watcher::Latency) {
        return;
    }
    let since = goroutine.clocks.runnable_since.take();
    if since != 0 {
        let bucket = bucket_of(nanotime().saturating_sub(since));
        COUNTS[bucket].fetch_add(1, Ordering::Relaxed); // Relaxed: a count
    }
    goroutine.clocks.running_since.set(thread_time());
}

/// `goroutine` has left its stack, on this thread.
pub(crate) fn stopped(goroutine: &Goroutine) {
    let clocks = &goroutine.clocks;
    if is_watched(Watcher::Contention) {
        clocks.parked_since.set(nanotime());
    }
    let since = clocks.running_since.take();
    if since != 0 {
        clocks.used.set(clocks.used.get() + thread_time().saturating_sub(since));
    }
}

fn bucket_of(nanoseconds: u64) -> usize {
    let bits = u64::BITS - nanoseconds.leading_zeros();
    (bits.saturating_sub(FIRST) as usize).min(BUCKETS - 1)
}

fn thread_time() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    (time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64).max(1)
}

/// What a goroutine keeps of its own time, in nanoseconds; 0 is unknown.
#[derive(Debug, Default)]
pub(crate) struct Clocks {
    runnable_since: core::cell::Cell<u64>,
    running_since: core::cell::Cell<u64>,
    parked_since: core::cell::Cell<u64>,
    /// Since when it runs without a switch; the watchdog reads it.
    pub(crate) on_since: AtomicU64,
    used: core::cell::Cell<u64>,
}

impl Clocks {
    pub(crate) const fn new() -> Self {
        use core::cell::Cell;
        let (runnable_since, running_since) = (Cell::new(0), Cell::new(0));
        let (parked_since, on_since) = (Cell::new(0), AtomicU64::new(0));
        Self { runnable_since, running_since, parked_since, on_since, used: Cell::new(0) }
    }

    /// A new tenant. Its starter, before it is on a queue.
    pub(crate) fn restart(&self) {
        self.used.set(0);
        self.running_since.set(0);
        self.parked_since.set(0);
    }
}

/// CPU time that the calling goroutine has used since it is measured ([`measure_latency`]); zero if
/// it is not, and on a plain thread.
pub fn cpu_time() -> Duration {
    let section = gopark::enter();
    if M::of(&section).is_none() {
        return Duration::ZERO;
    }
    let clocks = &Goroutine::of(section.current()).clocks;
    let now = match clocks.running_since.get() {
        0 => 0,
        since => thread_time().saturating_sub(since),
    };
    Duration::from_nanos(clocks.used.get() + now)
}

/// How often goroutines waited how long for a P.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; BUCKETS],
}

impl Histogram {
    pub(crate) fn now() -> Self {
        // Relaxed: counts of about one moment.
        Self { counts: core::array::from_fn(|i| COUNTS[i].load(Ordering::Relaxed)) }
    }

    /// The buckets: their upper bound, which the last has not, and how many waits were below it and
    /// not below the bound before.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<Duration>, u64)> {
        self.counts.iter().enumerate().map(|(i, &count)| {
            let bound = (i + 1 < BUCKETS).then(|| Duration::from_nanos(1 << (FIRST + i as u32)));
            (bound, count)
        })
    }

    /// How many waits there were in all.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Histogram, bucket_of};
    use core::time::Duration;

    #[test]
    fn a_wait_is_counted_below_the_first_bound_that_is_above_it() {
        let histogram = Histogram { counts: core::array::from_fn(|i| i as u64) };
        let bounds: Vec<_> = histogram.buckets().map(|(bound, _)| bound).collect();
        assert_eq!(bounds[0], Some(Duration::from_nanos(64)));
        assert_eq!(bounds[BUCKETS - 1], None);
        for nanoseconds in [0, 1, 63, 64, 65, 1_000, 1 << 33, (1 << 34) - 1] {
            let bucket = bucket_of(nanoseconds);
            let wait = Duration::from_nanos(nanoseconds);
            assert!(bounds[bucket].is_none_or(|bound| wait < bound), "{wait:?} in {bucket}");
            assert!(bucket == 0 || bounds[bucket - 1].unwrap() <= wait, "{wait:?} in {bucket}");
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
        assert_eq!(histogram.count(), (0..BUCKETS as u64).sum());
    }
}
