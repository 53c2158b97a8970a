//! From durations to deadlines, and from deadlines to instants.
//!
//! A deadline is a nanosecond of the monotonic clock, which is `Instant`'s clock too. An `Instant`
//! cannot be made from a number, so one of each is read at almost the same time, once.
//!
//! *Rounding*: nothing here rounds down. A deadline is "now" plus the duration, to the nanosecond;
//! one beyond the clock's range is the end of that range, never a time that has passed.

use gaggle_hchan::feed::{NEVER, Stamp};
use gaggle_lock::nanotime;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The monotonic nanosecond at which `duration` from now has passed; saturating, and below the
/// number that stands for "never".
pub(crate) fn deadline(duration: Duration) -> u64 {
    nanotime().saturating_add(nanos(duration)).min(NEVER - 1)
}

/// The nanoseconds of `duration`, as many as there can be.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// What timers send: the instant at which they were due (SEMANTICS T5).
#[derive(Debug)]
pub(crate) enum DueInstant {}

impl Stamp<Instant> for DueInstant {
    fn at(when: u64) -> Instant {
        let &(nanos, instant) = base();
        let step = Duration::from_nanos(when.abs_diff(nanos));
        let due = if when >= nanos { instant.checked_add(step) } else { instant.checked_sub(step) };
        due.unwrap_or(instant)
    }
}

/// One moment in both notations, as near to each other as a few attempts come; read before the first
/// timer is made, as what a stamp does happens under a lock.
pub(crate) fn base() -> &'static (u64, Instant) {
    static BASE: OnceLock<(u64, Instant)> = OnceLock::new();
    BASE.get_or_init(|| {
        let attempt = || {
            let (nanos, instant) = (nanotime(), Instant::now());
            (nanotime() - nanos, (nanos, instant))
        };
        // The instant is read after the number, so a stamp is never early.
        (0..50)
            .map(|_| attempt())
            .min_by_key(|&(gap, _)| gap)
            .map_or_else(|| attempt().1, |best| best.1)
    })
}

#[cfg(test)]
mod tests {
    use super::{DueInstant, deadline};
    use gaggle_hchan::feed::{NEVER, Stamp};
    use gaggle_lock::nanotime;
    use std::time::{Duration, Instant};

    #[test]
    fn a_stamp_says_the_instant_at_which_it_was_due() {
        super::base();
        for _ in 0..1000 {
            let before = Instant::now();
            let stamp = DueInstant::at(nanotime());
            let after = Instant::now();
            assert!(stamp >= before && stamp <= after + Duration::from_micros(1));
        }
    }

    #[test]
    fn a_deadline_beyond_the_clock_s_range_is_its_end() {
        assert_eq!(deadline(Duration::MAX), NEVER - 1);
        assert!(deadline(Duration::ZERO) <= nanotime());
        let hour = Duration::from_secs(3600);
        assert!(deadline(hour) >= nanotime() + 3_599_000_000_000);
    }
}
