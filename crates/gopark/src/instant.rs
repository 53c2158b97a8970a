//! From nanoseconds to instants: the two notations of the monotonic clock.
//!
//! An `Instant` cannot be made from a number, so one of each is read at almost the same time, once.

use crate::bubble::{NO_BUBBLE, any_bubbles, now};
use crate::section::current;
use gaggle_lock::{is_clock_shown, monotonic, shown_clock};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The instant of the monotonic nanosecond `nanos`; today's, if it is beyond what an instant can say.
pub fn instant_at(nanos: u64) -> Instant {
    let &(base, instant) = base();
    let step = Duration::from_nanos(nanos.abs_diff(base));
    let at = if nanos >= base { instant.checked_add(step) } else { instant.checked_sub(step) };
    at.unwrap_or(instant)
}

/// What time it is, as the clock of the current G has it: in a bubble a made-up one (see
/// [`now`](crate::now)), and so in a replayed run.
#[inline]
pub fn instant_now() -> Instant {
    if any_bubbles() || is_clock_shown() { instant_of_current() } else { Instant::now() }
}

#[cold]
#[inline(never)]
fn instant_of_current() -> Instant {
    match (current().bubble(), shown_clock()) {
        (NO_BUBBLE, None) => Instant::now(),
        _ => instant_at(now()),
    }
}

/// One moment in both notations, as near to each other as a few attempts come. Read before it is needed
/// under a lock.
pub fn base() -> &'static (u64, Instant) {
    static BASE: OnceLock<(u64, Instant)> = OnceLock::new();
    BASE.get_or_init(|| {
        let attempt = || {
            // The kernel's clock, which `Instant` reads too, also where another one is shown.
            let (nanos, instant) = (monotonic(), Instant::now());
            (monotonic() - nanos, (nanos, instant))
        };
        // The instant is read after the number, so a stamp is never early.
        (0..50)
            .map(|_| attempt())
            .min_by_key(|&(gap, _)| gap)
            .map_or_else(|| attempt().1, |best| best.1)
    })
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{base, instant_at};
    use gaggle_lock::nanotime;
    use std::time::{Duration, Instant};

    #[test]
    fn a_number_of_now_is_an_instant_of_now() {
        base();
        for _ in 0..1000 {
            let before = Instant::now();
            let stamp = instant_at(nanotime());
            let after = Instant::now();
            assert!(stamp >= before && stamp <= after + Duration::from_micros(1));
        }
    }
}
