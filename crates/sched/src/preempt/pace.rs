//! How often the monitor looks: each millisecond, and less often while all is calm.
//!
//! *One Tick Is Enough*: whatever is not calm makes the next rest a [`TICK`] again, so only what begins in the
//! middle of a long rest is seen later, by at most that rest.
//! *Once Is Seldom All*: who was made to give way to a descriptor or a timer has left a P that computes again soon; so the next rests
//! are short, if others wait for descriptors.

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

/// So many rests are short after somebody was made to give way: what comes next will find others in its way.
const HURRIED: u32 = 20;

/// How many calm ticks there were in a row, and how many rests are to be short.
#[derive(Debug)]
pub(crate) struct Pace {
    calm: u32,
    hurried: u32,
}

impl Pace {
    pub(crate) const fn new() -> Self {
        Self { calm: 0, hurried: 0 }
    }

    /// One look came to this.
    pub(crate) fn saw(&mut self, around: Around) {
        self.hurried = self.hurried.saturating_sub(1);
        self.calm = match around {
            Around::Calm => self.calm.saturating_add(1),
            Around::Watched => 0,
        };
    }

    /// True if the last look was not calm.
    pub(crate) fn is_watchful(&self) -> bool {
        self.calm == 0
    }

    /// Somebody was made to give way.
    pub(crate) fn hurry(&mut self) {
        self.hurried = HURRIED;
    }

    /// True for a while after that.
    pub(crate) fn is_hurried(&self) -> bool {
        self.hurried > 0
    }

    /// How long the next rest may be.
    pub(crate) fn tick(&self) -> u64 {
        if self.calm < CALM { TICK } else { LONGER }
    }
}

#[cfg(test)]
mod tests {
    use super::{Around, CALM, HURRIED, LONGER, Pace, TICK};

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

    #[test]
    fn it_hurries_for_a_while_after_somebody_was_made_to_give_way() {
        let mut pace = Pace::new();
        assert!(!pace.is_hurried());
        pace.hurry();
        let rests = (0..100).take_while(|_| {
            let hurried = pace.is_hurried();
            pace.saw(Around::Calm);
            hurried
        });
        assert_eq!(rests.count(), HURRIED as usize);
    }
}
