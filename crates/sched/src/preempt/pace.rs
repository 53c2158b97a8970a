//! How often the monitor looks: each millisecond, and less often while all is calm.
//!
//! *One Tick Is Enough*: whatever is not calm makes the next rest a [`TICK`] again, so only what begins in the
//! middle of a long rest is seen later, by at most that rest.

/// Its tick while somebody is to be watched.
pub(crate) const TICK: u64 = 1_000_000;
/// So many calm ticks make the next ones longer.
const CALM: u32 = 8;
/// As long as this: who blocks unannounced is seen at one look and loses its P at the next, a [`TICK`] later, and within
/// 3 ms of all.
const LONGER: u64 = 1_400_000;

/// What a look at every M came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the monitor's next rest depends on it"]
pub(crate) enum Around {
    /// All come to their switch points, or sleep.
    Calm,
    /// Somebody blocks, computes for long, or stands in line.
    Watched,
}

/// How many calm ticks there were in a row.
#[derive(Debug)]
pub(crate) struct Pace(u32);

impl Pace {
    pub(crate) const fn new() -> Self {
        Self(0)
    }

    /// One look came to this.
    pub(crate) fn saw(&mut self, around: Around) {
        self.0 = match around {
            Around::Calm => self.0.saturating_add(1),
            Around::Watched => 0,
        };
    }

    /// How long the next rest may be.
    pub(crate) fn tick(&self) -> u64 {
        if self.0 < CALM { TICK } else { LONGER }
    }
}

#[cfg(test)]
mod tests {
    use super::{Around, CALM, LONGER, Pace, TICK};

    #[test]
    fn rests_grow_while_all_is_calm_and_are_short_again_once_somebody_is_watched() {
        let mut pace = Pace::new();
        let mut rests = Vec::new();
        for _ in 0..2 * CALM {
            rests.push(pace.tick());
            pace.saw(Around::Calm);
        }
        assert!(rests.is_sorted());
        assert_eq!((rests[0], rests[rests.len() - 1]), (TICK, LONGER));
        pace.saw(Around::Watched);
        assert_eq!(pace.tick(), TICK);
    }
}
