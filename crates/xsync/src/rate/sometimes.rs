//! [`Sometimes`]: to do something now and then.

use core::fmt;
use core::time::Duration;
use gaggle_gopark as gopark;
use gaggle_sync::Mutex;
use std::time::Instant;

/// Does what it is asked to do the first times, every so many times, and after a while (Go:
/// `rate.Sometimes`); with nothing said, the first time only.
///
/// # Examples
///
/// ```
/// use gaggle_xsync::rate::Sometimes;
/// let (sometimes, mut done) = (Sometimes::new().first(2).every(3), Vec::new());
/// for n in 0..8 {
///     sometimes.run(|| done.push(n));
/// }
/// assert_eq!(done, [0, 1, 3, 6]);
/// ```
pub struct Sometimes {
    first: u64,
    every: u64,
    interval: Duration,
    past: Mutex<Past>,
}

struct Past {
    asked: u64,
    last: Option<Instant>,
}

impl Sometimes {
    /// The first time only.
    pub const fn new() -> Self {
        let past = Mutex::new(Past { asked: 0, last: None });
        Self { first: 0, every: 0, interval: Duration::ZERO, past }
    }

    /// Also the first `n` times.
    #[must_use]
    pub const fn first(mut self, n: u64) -> Self {
        self.first = n;
        self
    }

    /// Also each `n`th time after the first.
    #[must_use]
    pub const fn every(mut self, n: u64) -> Self {
        self.every = n;
        self
    }

    /// Also when it was not done for `interval`.
    #[must_use]
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Calls `f`, or does not. `f` must not ask the same `Sometimes`; others who ask wait for it. A switch
    /// point.
    pub fn run(&self, f: impl FnOnce()) {
        let mut past = self.past.lock();
        if self.is_time(&past) {
            f();
            if !self.interval.is_zero() {
                past.last = Some(gopark::instant_now());
            }
        }
        past.asked += 1;
    }

    fn is_time(&self, past: &Past) -> bool {
        past.asked == 0
            || past.asked < self.first
            || past.asked.checked_rem(self.every) == Some(0)
            || !self.interval.is_zero()
                && past.last.is_some_and(|it| {
                    gopark::instant_now().saturating_duration_since(it) >= self.interval
                })
    }
}

impl Default for Sometimes {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Sometimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Sometimes");
        shown.field("first", &self.first).field("every", &self.every);
        shown.field("interval", &self.interval).finish_non_exhaustive()
    }
}
