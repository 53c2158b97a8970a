//! The bucket of tokens: arithmetic on instants, no clock.

use super::Limit;
use core::time::Duration;
use std::time::Instant;

/// As good as for ever: 292 years.
const NEVER: Duration = Duration::from_nanos(i64::MAX as u64);

/// The state of a limiter.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) limit: Limit,
    pub(super) burst: u32,
    /// The tokens at `last`; less than zero while reservations wait.
    tokens: f64,
    /// None: nobody has asked yet.
    last: Option<Instant>,
    /// When the last of the reserved events may happen.
    last_event: Option<Instant>,
}

/// Tokens that were taken for an event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) at: Instant,
    tokens: u32,
    /// The rate at which they were taken.
    limit: Limit,
}

impl Bucket {
    /// A full one.
    pub(super) fn new(limit: Limit, burst: u32) -> Self {
        Self { limit, burst, tokens: burst.into(), last: None, last_event: None }
    }

    /// The tokens at `now`. A `now` before the last one counts as that.
    pub(super) fn tokens_at(&self, now: Instant) -> f64 {
        let since = self.last.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        (self.tokens + tokens_in(self.limit, since.as_secs_f64())).min(self.burst.into())
    }

    /// Lets the time pass until `now`.
    pub(super) fn advance(&mut self, now: Instant) {
        self.tokens = self.tokens_at(now);
        self.last = Some(now);
    }

    /// Takes `n` tokens at `now` if they will be there in `patience`, and `n` ever can be.
    pub(super) fn reserve(&mut self, now: Instant, n: u32, patience: Duration) -> Option<Taken> {
        let limit = self.limit;
        if limit == Limit::INF {
            // Nothing comes back to it as time passes, whatever the limit is by then.
            return Some(Taken { at: now, tokens: n, limit: Limit(0.0) });
        }
        let tokens = self.tokens_at(now) - f64::from(n);
        let wait = if tokens < 0.0 { time_of(limit, -tokens) } else { Duration::ZERO };
        if n > self.burst || wait > patience {
            return None;
        }
        let at = now.checked_add(wait)?;
        (self.last, self.tokens, self.last_event) = (Some(now), tokens, Some(at));
        Some(Taken { at, tokens: n, limit })
    }

    /// Gives back at `now` what was taken, but for what others have been told to wait for since.
    pub(super) fn give_back(&mut self, taken: Taken, now: Instant) {
        if self.limit == Limit::INF || taken.tokens == 0 || taken.at < now {
            return;
        }
        let last_event = self.last_event.unwrap_or(taken.at);
        let behind = last_event.saturating_duration_since(taken.at).as_secs_f64();
        let back = f64::from(taken.tokens) - tokens_in(taken.limit, behind);
        if back <= 0.0 {
            return;
        }
        self.advance(now);
        self.tokens = (self.tokens + back).min(self.burst.into());
        let wait = time_of(taken.limit, taken.tokens.into());
        if self.last_event == Some(taken.at)
            && let Some(before) = taken.at.checked_sub(wait).filter(|&before| before >= now)
        {
            self.last_event = Some(before);
        }
    }
}

/// How many tokens come in so many seconds.
fn tokens_in(limit: Limit, seconds: f64) -> f64 {
    match limit {
        Limit(rate) if rate <= 0.0 || seconds <= 0.0 => 0.0,
        Limit(rate) => rate * seconds,
    }
}

/// In which time so many tokens come: [`NEVER`] if they never do (Go: `InfDuration`).
fn time_of(limit: Limit, tokens: f64) -> Duration {
    let nanos = if limit.0 <= 0.0 { f64::INFINITY } else { tokens / limit.0 * 1e9 };
    if nanos <= i64::MAX as f64 { Duration::from_nanos(nanos as u64) } else { NEVER }
}
