//! Free goroutines: a short list per P, a long one for all (SEMANTICS A8).
//!
//! They travel in batches that are linked already: to give one away, or to get one, touches its first goroutine only.
//! *Whoever Holds It*: the links of a chain's goroutines, and the `next_batch` of its first one, are touched only
//! by whoever holds that chain: the owner of a P, or the common list under its lock.

use crate::goroutine::g::Goroutine;
use crate::state::SCHED;
use core::mem::take;
use gaggle_gopark::GRef;
use gaggle_lock::Mutex;

/// How many go to the common list at once, or come from there; a P keeps up to twice as many.
const BATCH: usize = 32;

/// Dead goroutines, the last one first.
#[derive(Debug, Default)]
struct Chain {
    first: Option<GRef>,
    len: usize,
}

impl Chain {
    const fn new() -> Self {
        Self { first: None, len: 0 }
    }

    #[inline]
    fn pop(&mut self) -> Option<GRef> {
        let g = self.first?;
        self.first = g.link();
        self.len -= 1;
        Some(g)
    }

    #[inline]
    fn push(&mut self, g: GRef) {
        g.set_link(self.first);
        self.first = Some(g);
        self.len += 1;
    }
}

/// The free list of one P (Owner Of P): what it pushes and pops, and a full chain in reserve, so that a P that
/// swings around the boundary does not go to the common list each time.
#[derive(Debug)]
pub(crate) struct GFree {
    hot: Chain,
    spare: Chain,
}

impl GFree {
    pub(crate) const fn new() -> Self {
        Self { hot: Chain::new(), spare: Chain::new() }
    }

    /// How many it holds.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.hot.len + self.spare.len
    }

    /// Takes a dead goroutine, from the common list if need be.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<GRef> {
        self.take_or_get(&SCHED.gfree)
    }

    #[inline]
    fn take_or_get(&mut self, common: &Mutex<Common>) -> Option<GRef> {
        if self.hot.first.is_none() {
            self.refill(common);
        }
        self.hot.pop()
    }

    /// Puts a dead goroutine back.
    #[inline]
    pub(crate) fn put(&mut self, g: GRef) {
        self.put_or_give(g, &SCHED.gfree);
    }

    #[inline]
    fn put_or_give(&mut self, g: GRef, common: &Mutex<Common>) {
        if self.hot.len >= BATCH {
            self.spill(common);
        }
        self.hot.push(g);
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self, common: &Mutex<Common>) {
        self.hot = take(&mut self.spare);
        if self.hot.first.is_none() {
            self.hot = common.lock().take_batch();
        }
    }

    #[cold]
    #[inline(never)]
    fn spill(&mut self, common: &Mutex<Common>) {
        let full = take(&mut self.hot);
        let former = core::mem::replace(&mut self.spare, full);
        if former.first.is_some() {
            common.lock().put_batch(former);
        }
    }
}

/// The common list: whole batches, and what has not become one.
#[derive(Debug)]
pub(crate) struct Common {
    batches: Option<GRef>,
    loose: Chain,
}

impl Common {
    pub(crate) const fn new() -> Self {
        Self { batches: None, loose: Chain::new() }
    }

    /// Puts a dead goroutine back.
    pub(crate) fn put(&mut self, g: GRef) {
        self.loose.push(g);
        if self.loose.len == BATCH {
            let full = take(&mut self.loose);
            self.put_batch(full);
        }
    }

    /// Takes one.
    pub(crate) fn take(&mut self) -> Option<GRef> {
        if self.loose.first.is_none() {
            self.loose = self.take_batch();
        }
        self.loose.pop()
    }

    /// `full` has a whole batch.
    fn put_batch(&mut self, full: Chain) {
        debug_assert_eq!(full.len, BATCH, "a batch");
        let Some(first) = full.first else { return };
        Goroutine::of(first).next_batch.set(self.batches.replace(first));
    }

    /// A whole batch, or what there is.
    fn take_batch(&mut self) -> Chain {
        let Some(first) = self.batches else { return take(&mut self.loose) };
        self.batches = Goroutine::of(first).next_batch.take();
        Chain { first: Some(first), len: BATCH }
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH, Common, GFree};
    use crate::goroutine::g;
    use gaggle_gopark::{self as gopark, GRef};
    use gaggle_lock::{Mutex, Rank};

    const MOST: usize = 2 * BATCH;

    /// SEMANTICS A8.
    #[test]
    fn a_p_keeps_64_gives_half_away_and_takes_half_back() {
        let all: Vec<GRef> = g::make_chunk().chain(g::make_chunk()).take(MOST + 1).collect();
        let _section = gopark::enter();
        // Of its own: other tests take from that of all.
        let (mut list, common) = (GFree::new(), Mutex::new(Rank::Pool, Common::new()));
        for (count, g) in all.into_iter().enumerate() {
            assert_eq!(list.len(), count);
            list.put_or_give(g, &common);
        }
        let left = MOST + 1 - BATCH;
        assert_eq!(list.len(), left);
        for count in (0..left).rev() {
            assert!(list.take_or_get(&common).is_some());
            assert_eq!(list.len(), count);
        }
        assert!(list.take_or_get(&common).is_some());
        assert_eq!(list.len(), BATCH - 1);
    }

    #[test]
    fn the_common_list_gives_each_out_once_in_batches_or_one_by_one() {
        let all: Vec<GRef> = g::make_chunk().take(BATCH + 2).collect();
        let mut common = Common::new();
        all.iter().for_each(|g| common.put(*g));
        let batch = common.take_batch();
        assert_eq!(batch.len, BATCH);
        common.put_batch(batch);
        let mut out: Vec<GRef> = std::iter::from_fn(|| common.take()).collect();
        assert!(common.take_batch().first.is_none());
        let key = |g: &GRef| g.as_ptr().addr();
        out.sort_by_key(key);
        let mut all = all;
        all.sort_by_key(key);
        assert_eq!(out, all);
        out.into_iter().take(3).for_each(|g| common.put(g));
        assert_eq!(common.take_batch().len, 3, "less than a batch is better than none");
    }
}
