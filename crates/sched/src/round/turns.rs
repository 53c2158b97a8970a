//! Whose turn it is on one P, if there are always some that go before its queue.
//!
//! | who goes first | before | but |
//! |---|---|---|
//! | what is in runnext, again and again: two that talk, one that is always due | the ring | *The Queue Moves* |
//! | those whose descriptors are ready | the ring, the global queue | *Three Of Four*, and *The Queue Moves* |
//!
//! A chain in runnext shares one time slice, and the monitor ends that. But in a crowd the line has the P after each switch, so
//! that no slice of the chain is ever over.
//!
//! *The Queue Moves*: the first one of the ring is not passed by in more than [`IN_A_ROW`] time slices.
//! *Three Of Four*: of those whose descriptors are ready no more go first than [`IN_A_ROW`], then others have a turn.

use core::cell::Cell;

/// So many go first in a row.
const IN_A_ROW: u32 = 3;

/// What one P remembers of that. Owner Of P.
#[derive(Debug)]
pub(crate) struct Turns {
    /// Where the ring began at the last look, and the time slice of that look.
    head: Cell<u32>,
    tick: Cell<u32>,
    /// In how many slices its first one was passed by since.
    passed: Cell<u32>,
    /// How many whose descriptors are ready went first in a row.
    urgent: Cell<u32>,
}

impl Turns {
    pub(crate) const fn new() -> Self {
        Self { head: Cell::new(0), tick: Cell::new(0), passed: Cell::new(0), urgent: Cell::new(0) }
    }

    /// A look in the slice `tick` at a ring that begins at `head`, if anybody is there. True if it is his turn, before all
    /// that goes first.
    #[inline]
    pub(crate) fn is_the_rings(&self, head: Option<u32>, tick: u32) -> bool {
        let Some(head) = head else {
            self.passed.set(0);
            return false;
        };
        if self.head.replace(head) != head {
            self.passed.set(0);
            self.tick.set(tick);
        } else if self.tick.replace(tick) != tick {
            self.passed.set(self.passed.get() + 1);
        }
        self.passed.get() >= IN_A_ROW
    }

    /// True if one whose descriptor is ready may go first once more.
    pub(crate) fn is_the_urgents(&self) -> bool {
        let before = self.urgent.get();
        self.urgent.set(if before == IN_A_ROW { 0 } else { before + 1 });
        before < IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::{IN_A_ROW, Turns};

    #[test]
    fn the_first_of_the_ring_is_passed_by_in_three_slices_and_then_goes() {
        let turns = Turns::new();
        let mut tick = 0;
        for head in [7, 8] {
            assert!(!turns.is_the_rings(Some(head), tick), "it has just come to the head");
            for _ in 1..IN_A_ROW {
                tick += 1;
                assert!(!turns.is_the_rings(Some(head), tick));
                assert!(!turns.is_the_rings(Some(head), tick), "the same slice counts once");
            }
            tick += 1;
            assert!(turns.is_the_rings(Some(head), tick));
        }
        assert!(!turns.is_the_rings(None, tick + 1));
        assert!(!turns.is_the_rings(Some(8), tick + 2), "somebody else has come to an empty ring");
    }

    #[test]
    fn of_four_turns_three_are_of_those_whose_descriptors_are_ready() {
        let turns = Turns::new();
        let order: Vec<bool> = (0..8).map(|_| turns.is_the_urgents()).collect();
        assert_eq!(order, [true, true, true, false, true, true, true, false]);
    }
}
