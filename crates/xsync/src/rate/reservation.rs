//! [`Reservation`]: an event that may happen after a delay.

use super::bucket::{Bucket, Taken};
use core::fmt;
use core::time::Duration;
use gaggle_gopark as gopark;
use gaggle_sync::Mutex;
use std::sync::Arc;
use std::time::Instant;

/// Tokens that were taken from a [`Limiter`](super::Limiter) (Go: `rate.Reservation`). Dropping it gives
/// nothing back; [`cancel`](Self::cancel) does.
pub struct Reservation {
    bucket: Arc<Mutex<Bucket>>,
    taken: Option<Taken>,
}

impl Reservation {
    pub(super) fn new(bucket: Arc<Mutex<Bucket>>, taken: Option<Taken>) -> Self {
        Self { bucket, taken }
    }

    /// False if the events can never happen: more of them than the limiter's burst.
    pub fn ok(&self) -> bool {
        self.taken.is_some()
    }

    /// How long to wait from now on; `Duration::MAX` if the events can never happen.
    pub fn delay(&self) -> Duration {
        self.delay_from(gopark::instant_now())
    }

    /// How long to wait from `now` on; `Duration::MAX` if the events can never happen.
    pub fn delay_from(&self, now: Instant) -> Duration {
        self.taken.map_or(Duration::MAX, |taken| taken.at.saturating_duration_since(now))
    }

    /// The events will not happen: gives back what others do not count on already.
    pub fn cancel(&self) {
        self.cancel_at(gopark::instant_now());
    }

    /// As [`cancel`](Self::cancel), at `now`.
    pub fn cancel_at(&self, now: Instant) {
        if let Some(taken) = self.taken {
            self.bucket.lock().give_back(taken, now);
        }
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reservation").field("taken", &self.taken).finish()
    }
}
