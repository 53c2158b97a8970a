//! From durations to the monotonic nanoseconds that parks take.

use core::time::Duration;

/// The nanosecond `timeout` after `now`; a time that does not fit is never.
pub(crate) fn after(now: u64, timeout: Duration) -> u64 {
    u64::try_from(timeout.as_nanos()).map_or(u64::MAX, |timeout| now.saturating_add(timeout))
}

#[cfg(test)]
mod tests {
    use super::after;
    use core::time::Duration;

    #[test]
    fn times_that_do_not_fit_are_never() {
        assert_eq!(after(5, Duration::from_nanos(7)), 12);
        assert_eq!(after(5, Duration::MAX), u64::MAX);
        assert_eq!(after(u64::MAX - 1, Duration::from_nanos(7)), u64::MAX);
    }
}
