//! How long it may take: the whole, one child, and how many rounds.

use crate::shapes::Weight;
use std::time::{Duration, Instant};

/// The time and the rounds of one call of the driver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// No run starts after it.
    last_start: Instant,
    /// No run goes on after it.
    end: Instant,
    light: u32,
    heavy: u32,
}

impl Budget {
    /// Under three minutes.
    pub(crate) fn quick(rounds: Option<u32>) -> Self {
        Self::new(140, rounds.unwrap_or(3), rounds.unwrap_or(1))
    }

    /// Under thirty minutes.
    pub(crate) fn full(rounds: Option<u32>) -> Self {
        Self::new(28 * 60, rounds.unwrap_or(7), rounds.unwrap_or(3))
    }

    fn new(seconds: u64, light: u32, heavy: u32) -> Self {
        let last_start = Instant::now() + Duration::from_secs(seconds);
        Self { last_start, end: last_start + Duration::from_secs(30), light, heavy }
    }

    /// How long one run may take, against a hang; where nothing else runs it takes a few seconds.
    pub(crate) fn limit(&self, weight: Weight) -> Duration {
        let most = match weight {
            Weight::Light => Duration::from_secs(30),
            Weight::Heavy { .. } => Duration::from_secs(90),
        };
        most.min(self.end.saturating_duration_since(Instant::now()))
    }

    pub(crate) fn rounds(&self) -> u32 {
        self.light.max(self.heavy)
    }

    /// Whether a row of this weight takes part in `round`, counted from 0.
    pub(crate) fn takes_part(&self, weight: Weight, round: u32) -> bool {
        match weight {
            Weight::Light => round < self.light,
            Weight::Heavy { .. } => round < self.heavy,
        }
    }

    pub(crate) fn is_spent(&self) -> bool {
        Instant::now() >= self.last_start
    }
}
