//! How long it may take: the whole, one row, one child; how many rounds, and how many operations.
//!
//! 1. *Everybody Once*: the first round leaves no row out before the time of all is up, so a short call shows
//!    every row, and a long one shows more of each.
//! 2. *No Row Eats Another's Time*: a row goes on for more rounds only while it keeps within its own time.

use crate::shapes::Weight;
use crate::side::Side;
use std::time::{Duration, Instant};

/// The time and the rounds of one call of the driver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    started: Instant,
    /// What the shapes may take; no run starts after it.
    shapes: Duration,
    /// What all may take, other crates too.
    all: Duration,
    /// What one row may take in all rounds but the first.
    row: Duration,
    /// What one run of another runtime may take: some shapes are more than it can do.
    other: Duration,
    light: u32,
    heavy: u32,
    /// Operations of a shape are divided by it, where they only repeat themselves.
    divisor: u64,
}

/// A killed run may go on for so long after the last start.
const GRACE: Duration = Duration::from_secs(10);

impl Budget {
    /// Under three minutes: a tenth of the operations.
    pub(crate) fn quick(rounds: Option<u32>, crates: bool) -> Self {
        let shapes = if crates { 115 } else { 160 };
        Self::new([shapes, 165, 2, 4], rounds, [3, 1], 10)
    }

    /// Under thirty minutes.
    pub(crate) fn full(rounds: Option<u32>, crates: bool) -> Self {
        let shapes = if crates { 24 * 60 } else { 28 * 60 };
        Self::new([shapes, 28 * 60 + 30, 15, 12], rounds, [7, 3], 1)
    }

    fn new(seconds: [u64; 4], rounds: Option<u32>, most: [u32; 2], divisor: u64) -> Self {
        let [shapes, all, row, other] = seconds.map(Duration::from_secs);
        let [light, heavy] = most.map(|most| rounds.unwrap_or(most));
        Self { started: Instant::now(), shapes, all, row, other, light, heavy, divisor }
    }

    /// From here on the time counts; what was installed and built before does not.
    pub(crate) fn start(&mut self) {
        self.started = Instant::now();
    }

    /// How long one run may take, against a hang; where nothing else runs it takes a few seconds.
    pub(crate) fn limit(&self, weight: Weight, side: &Side) -> Duration {
        let most = match (side, weight) {
            (Side::Other { .. }, _) => self.other,
            (_, Weight::Light) => Duration::from_secs(30),
            (_, Weight::Heavy { .. }) => Duration::from_secs(90),
        };
        most.min((self.all + GRACE).saturating_sub(self.started.elapsed()))
    }

    pub(crate) fn rounds(&self) -> u32 {
        self.light.max(self.heavy)
    }

    /// Rounds of the rows on plain threads.
    pub(crate) fn rounds_of_crates(&self) -> u32 {
        self.light.min(5)
    }

    /// By how much the operations of every shape are fewer than those that it names.
    pub(crate) fn divisor(&self) -> u64 {
        self.divisor
    }

    /// Whether a row of this weight, which took so long in the rounds before, takes part in `round`,
    /// counted from 0.
    pub(crate) fn takes_part(&self, weight: Weight, round: u32, took: Duration) -> bool {
        let rounds = match weight {
            Weight::Light => self.light,
            Weight::Heavy { .. } => self.heavy,
        };
        round == 0 || round < rounds && took + took / round <= self.row
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.started.elapsed() >= self.shapes
    }

    pub(crate) fn is_all_spent(&self) -> bool {
        self.started.elapsed() >= self.all
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use crate::shapes::Weight;
    use std::time::Duration;

    #[test]
    fn the_first_round_is_for_all_and_the_others_for_who_is_quick() {
        let budget = Budget::full(None, false);
        let part =
            |round, seconds| budget.takes_part(Weight::Light, round, Duration::from_secs(seconds));
        assert!(part(0, 0) && part(1, 7) && part(6, 12));
        assert!(!part(1, 8) && !part(2, 11) && !part(7, 0));
        assert!(!budget.takes_part(Weight::Heavy { mebibytes: 1 }, 3, Duration::ZERO));
    }

    #[test]
    fn what_is_asked_for_ends_in_its_time() {
        let time = |budget: Budget| (budget.all + super::GRACE).as_secs();
        assert!(time(Budget::quick(None, true)) < 180 && time(Budget::quick(None, false)) < 180);
        assert!(time(Budget::full(None, true)) < 1800 && time(Budget::full(None, false)) < 1800);
    }
}
