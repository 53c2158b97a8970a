//! From durations to deadlines, and from deadlines to instants; what time it is.
//!
//! A deadline is a nanosecond of the monotonic clock, which is `Instant`'s clock too.
//!
//! *Rounding*: nothing here rounds down. A deadline is "now" plus the duration, to the nanosecond;
//! one beyond the clock's range is the end of that range, never a time that has passed.
//! *Whose Clock*: in a bubble (`gaggle-synctest`) "now" is the bubble's.

use gaggle_gopark as gopark;
use gaggle_hchan::feed::{NEVER, Stamp};
use std::time::{Duration, Instant, SystemTime};

/// The monotonic nanosecond at which `duration` from now has passed; saturating, and below the
/// number that stands for "never".
pub(crate) fn deadline(duration: Duration) -> u64 {
    deadline_after(gopark::now(), duration)
}

/// The same, of a clock on which it is `now`.
pub(crate) fn deadline_after(now: u64, duration: Duration) -> u64 {
    now.saturating_add(nanos(duration)).min(NEVER - 1)
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
        gopark::instant_at(when)
    }
}

/// Makes [`DueInstant`] ready for its work under a lock: before the first timer is made.
pub(crate) fn base() {
    gopark::instant_base();
}

/// The current instant (Go: `time.Now`, its monotonic part). In a synctest bubble it is the bubble's, and in a
/// run that a seed decides the run's, of which `Instant::now` knows nothing: code that is to be tested
/// there asks here.
///
/// # Examples
///
/// ```
/// let begin = gaggle_time::now();
/// assert!(gaggle_time::now() >= begin);
/// ```
#[inline]
pub fn now() -> Instant {
    gopark::instant_now()
}

/// The time on the wall (Go: `time.Now`, its other part). In a synctest bubble it is the bubble's, which
/// begins at midnight UTC of 2000-01-01 (SEMANTICS W2).
///
/// # Examples
///
/// ```
/// use std::time::SystemTime;
/// assert!(gaggle_time::system_now() <= SystemTime::now());
/// ```
pub fn system_now() -> SystemTime {
    match gaggle_sched::bubble_began() {
        Some(began) => bubble_epoch() + Duration::from_nanos(gopark::now() - began),
        None => match gaggle_lock::shown_clock() {
            None => SystemTime::now(),
            Some(shown) => system_at(shown),
        },
    }
}

/// The time on the wall when the clock of a replayed run, which begins as the kernel's, shows `nanos`.
#[cold]
fn system_at(nanos: u64) -> SystemTime {
    let (own, wall) = (gaggle_lock::monotonic(), SystemTime::now());
    let step = Duration::from_nanos(nanos.abs_diff(own));
    let at = if nanos >= own { wall.checked_add(step) } else { wall.checked_sub(step) };
    at.unwrap_or(wall)
}

/// When the wall clock of a bubble begins.
fn bubble_epoch() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(946_684_800)
}

/// The time that has passed since `instant`; zero if it is to come (Go: `time.Since`).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let begin = gaggle_time::now();
/// gaggle_time::sleep(Duration::from_millis(1));
/// assert!(gaggle_time::since(begin) >= Duration::from_millis(1));
/// ```
pub fn since(instant: Instant) -> Duration {
    now().saturating_duration_since(instant)
}

/// The time until `instant`; zero if it has passed (Go: `time.Until`).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// let end = gaggle_time::now() + Duration::from_secs(60);
/// assert!(gaggle_time::until(end) <= Duration::from_secs(60));
/// ```
pub fn until(instant: Instant) -> Duration {
    instant.saturating_duration_since(now())
}

#[cfg(test)]
mod tests {
    use super::deadline;
    use gaggle_hchan::feed::NEVER;
    use gaggle_lock::nanotime;
    use std::time::Duration;

    #[test]
    fn a_deadline_beyond_the_clock_s_range_is_its_end() {
        assert_eq!(deadline(Duration::MAX), NEVER - 1);
        assert!(deadline(Duration::ZERO) <= nanotime());
        let hour = Duration::from_secs(3600);
        assert!(deadline(hour) >= nanotime() + 3_599_000_000_000);
    }
}
