//! Free goroutines: a short list per P, a long one for all (SEMANTICS A8).

use crate::state::SCHED;
use gaggle_gopark::{GQueue, GRef};

/// Above this a P's list gives half of it away.
const MOST: usize = 64;
const BATCH: usize = 32;

/// The free list of one P (Owner Of P).
#[derive(Debug)]
pub(crate) struct GFree(GQueue);

impl GFree {
    /// How many it holds.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl GFree {
    pub(crate) const fn new() -> Self {
        Self(GQueue::new())
    }

    /// Takes a dead goroutine, from the common list if need be.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<GRef> {
        if self.0.is_empty() {
            self.refill();
        }
        self.0.pop_front()
    }

    /// Puts a dead goroutine back.
    #[inline]
    pub(crate) fn put(&mut self, g: GRef) {
        self.0.push_front(g);
        if self.0.len() > MOST {
            self.spill();
        }
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        let mut common = SCHED.gfree.lock();
        for _ in 0..BATCH {
            let Some(g) = common.pop_front() else { return };
            self.0.push_back(g);
        }
    }

    #[cold]
    #[inline(never)]
    fn spill(&mut self) {
        let mut batch = GQueue::new();
        for _ in 0..BATCH {
            let Some(g) = self.0.pop_front() else { break };
            batch.push_back(g);
        }
        SCHED.gfree.lock().append(&mut batch);
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH, GFree, MOST};
    use crate::goroutine::g;
    use gaggle_gopark::{self as gopark, GRef};

    /// SEMANTICS A8.
    #[test]
    fn a_p_keeps_64_gives_half_away_and_takes_half_back() {
        let all: Vec<GRef> = g::make_chunk().chain(g::make_chunk()).take(MOST + 1).collect();
        let _section = gopark::enter();
        let mut list = GFree::new();
        for (count, g) in all.into_iter().enumerate() {
            assert_eq!(list.len(), count);
            list.put(g);
        }
        let left = MOST + 1 - BATCH;
        assert_eq!(list.len(), left);
        for count in (0..left).rev() {
            assert!(list.take().is_some());
            assert_eq!(list.len(), count);
        }
        assert!(list.take().is_some());
        assert_eq!(list.len(), BATCH - 1);
    }
}
