//! A vector clock: how far each goroutine had come in the eyes of one.
//!
//! *Indexed By Slot*: an entry belongs to whoever has that slot (`slots.rs`); a missing one is zero.

/// A vector clock.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock(Vec<u64>);

impl Clock {
    /// Nobody has come anywhere.
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// How far the goroutine in `slot` had come.
    pub(super) fn of(&self, slot: usize) -> u64 {
        self.0.get(slot).copied().unwrap_or(0)
    }

    /// The goroutine in `slot` has come to `time`.
    pub(super) fn set(&mut self, slot: usize, time: u64) {
        if self.0.len() <= slot {
            self.0.resize(slot + 1, 0);
        }
        self.0[slot] = time;
    }

    /// What either of the two knows.
    pub(super) fn join(&mut self, other: &Clock) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = (*mine).max(*theirs);
        }
    }

    /// Becomes a copy of `other`.
    pub(super) fn copy(&mut self, other: &Clock) {
        self.0.clone_from(&other.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn a_join_knows_what_either_knew() {
        let (mut a, mut b) = (Clock::new(), Clock::new());
        a.set(0, 3);
        b.set(0, 1);
        b.set(2, 7);
        a.join(&b);
        assert_eq!([a.of(0), a.of(1), a.of(2), a.of(3)], [3, 0, 7, 0]);
        b.copy(&a);
        assert_eq!(b.of(0), 3);
    }
}
