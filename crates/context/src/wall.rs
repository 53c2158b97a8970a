//! Instants and durations as Go shows them: `2030-01-02 03:04:05.000000006 +0000 UTC`, `27317h9m4s`.

use core::fmt::{self, Write};
use gaggle_gopark as gopark;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An instant as a deadline is shown: the time on the wall, and what is left.
pub(crate) struct When(pub(crate) Instant);

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_wall(on_the_wall(self.0), f)?;
        f.write_str(" [")?;
        let now = gopark::instant_now();
        if self.0 < now {
            f.write_str("-")?;
        }
        fmt_duration(self.0.max(now).duration_since(self.0.min(now)), f)?;
        f.write_str("]")
    }
}

/// The time on the wall at `instant`, by how the two clocks stood when this was first asked: so the answer
/// is always the same.
fn on_the_wall(instant: Instant) -> SystemTime {
    static CLOCKS: OnceLock<(Instant, SystemTime)> = OnceLock::new();
    let (then, wall) = &bubble_clocks()
        .unwrap_or_else(|| *CLOCKS.get_or_init(|| (Instant::now(), SystemTime::now())));
    let at = match instant.checked_duration_since(*then) {
        Some(later) => wall.checked_add(later),
        None => wall.checked_sub(then.duration_since(instant)),
    };
    at.unwrap_or(*wall)
}

/// Where both clocks of the current goroutine's bubble begin, if it is in one (SEMANTICS W2).
fn bubble_clocks() -> Option<(Instant, SystemTime)> {
    #[cfg(not(loom))] // models have no clock
    return gaggle_sched::bubble_began()
        .map(|began| (gopark::instant_at(began), UNIX_EPOCH + Duration::from_secs(946_684_800)));
    #[cfg(loom)] // as above
    None
}

/// As Go's `Time.String` of a time in UTC.
fn fmt_wall(wall: SystemTime, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, nanos) = (since.as_secs(), since.subsec_nanos());
    let (year, month, day) = date(seconds / 86400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")?;
    fraction(nanos.into(), 9, f)?;
    f.write_str(" +0000 UTC")
}

/// The civil date of a number of days since 1970: years begin in March, so the leap day is the last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let first = (153 * month + 2) / 5;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + carry, month, day - first + 1)
}

/// `.` and the digits of `part` of `10^digits`, without the zeros at the end; nothing for zero.
fn fraction(part: u64, digits: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if part == 0 {
        return Ok(());
    }
    let text = format!("{part:0digits$}");
    f.write_char('.')?;
    f.write_str(text.trim_end_matches('0'))
}

/// As Go's `Duration.String`.
fn fmt_duration(duration: Duration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (seconds, nanos) = (duration.as_secs(), u64::from(duration.subsec_nanos()));
    if seconds == 0 {
        let (unit, name, digits) = match nanos {
            0 => return f.write_str("0s"),
            1..1_000 => (1, "ns", 0),
            1_000..1_000_000 => (1_000, "µs", 3),
            _ => (1_000_000, "ms", 6),
        };
        write!(f, "{}", nanos / unit)?;
        fraction(nanos % unit, digits, f)?;
        return f.write_str(name);
    }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        write!(f, "{hours}h")?;
    }
    if hours > 0 || minutes > 0 {
        write!(f, "{minutes}m")?;
    }
    write!(f, "{}", seconds % 60)?;
    fraction(nanos, 9, f)?;
    f.write_str("s")
}

#[cfg(test)]
mod tests {
    use super::{fmt_duration, fmt_wall};
    use core::fmt;
    use std::time::{Duration, UNIX_EPOCH};

    struct Shown<T>(T, fn(T, &mut fmt::Formatter<'_>) -> fmt::Result);

    impl<T: Copy> fmt::Display for Shown<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (self.1)(self.0, f)
        }
    }

    #[test]
    fn durations_look_like_gos() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (3_300_000_000, "3.3s"),
            (60_000_000_000, "1m0s"),
            (245_000_000_000, "4m5s"),
            (245_001_000_000, "4m5.001s"),
            (18_367_001_000_000, "5h6m7.001s"),
            (480_000_000_001, "8m0.000000001s"),
        ] {
            assert_eq!(Shown(Duration::from_nanos(nanos), fmt_duration).to_string(), text);
        }
        let contract = Duration::from_secs(27317 * 3600 + 9 * 60 + 4); // SEMANTICS S11
        assert_eq!(Shown(contract, fmt_duration).to_string(), "27317h9m4s");
    }

    #[test]
    fn times_look_like_gos() {
        for (seconds, nanos, text) in [
            (0, 0, "1970-01-01 00:00:00 +0000 UTC"),
            (951_782_400, 0, "2000-02-29 00:00:00 +0000 UTC"),
            (951_868_799, 500_000_000, "2000-02-29 23:59:59.5 +0000 UTC"),
            (1_704_067_199, 0, "2023-12-31 23:59:59 +0000 UTC"),
            (1_893_553_445, 6, "2030-01-02 03:04:05.000000006 +0000 UTC"), // SEMANTICS S11
            (4_107_542_400, 0, "2100-03-01 00:00:00 +0000 UTC"),
        ] {
            let wall = UNIX_EPOCH + Duration::new(seconds, nanos);
            assert_eq!(Shown(wall, fmt_wall).to_string(), text);
        }
    }
}
