//! A shard: what one P, or some threads, have put into a pool.
//!
//! Two stacks: `fresh` since the last tick, `stale` from before it. Who looks for an item takes the fresh
//! one put last, or, of somebody else's, the half that was put first; then a stale one. A tick drops what
//! is stale and makes stale what was fresh (SEMANTICS P3).
//!
//! *Claimed*: the stacks are touched through a claim only. Nothing is allocated, dropped or called while
//! one is held: buffers come and go with the caller.

use super::claim::{Claim, Owned};
use gaggle_gopark::Section;
use gaggle_prim::cell::UnsafeCell;
use gaggle_prim::sync::atomic::{AtomicUsize, Ordering};

/// The most that is taken from another's shard at once.
pub(super) const MOST: usize = 32;

/// What a shard has.
struct Stacks<T> {
    fresh: Vec<T>,
    stale: Vec<T>,
    // How many puts there were, in a circle.
    puts: u8,
}

/// One shard.
pub(super) struct Shard<T> {
    claim: Claim,
    stacks: UnsafeCell<Stacks<T>>,
    // Written by claimants; read by those who look where a visit may be worth it.
    fresh: AtomicUsize,
    stale: AtomicUsize,
}

// SAFETY: Claimed: items move between threads through claims only.
unsafe impl<T: Send> Sync for Shard<T> {}

/// Whose items to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    Stale,
}

/// Whether the pool should look at the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    Later,
    Now,
}

/// Why an item was not taken in.
pub(super) enum Refused<T> {
    /// Somebody else is at the shard.
    Busy(T),
    /// There is no room: come again with a buffer for so many.
    Full(T, usize),
}

impl<T> Shard<T> {
    pub(super) fn new(owned: Owned) -> Self {
        Self {
            claim: Claim::new(owned),
            stacks: UnsafeCell::new(Stacks { fresh: Vec::new(), stale: Vec::new(), puts: 0 }),
            fresh: AtomicUsize::new(0),
            stale: AtomicUsize::new(0),
        }
    }

    #[inline]
    fn with<R>(&self, f: impl FnOnce(&mut Stacks<T>) -> R) -> R {
        self.stacks.with_mut(|stacks| {
            // SAFETY: Claimed: the callers have a claim.
            let stacks = unsafe { &mut *stacks };
            let answer = f(stacks);
            self.fresh.store(stacks.fresh.len(), Ordering::Relaxed); // Relaxed: a hint
            answer
        })
    }

    /// True if it seems to have items of this age.
    pub(super) fn has(&self, age: Age) -> bool {
        let count = if age == Age::Fresh { &self.fresh } else { &self.stale };
        count.load(Ordering::Relaxed) != 0 // Relaxed: a hint; the visit decides
    }

    /// The owner takes the fresh item put last.
    ///
    /// # Safety
    ///
    /// As for [`Claim::own`], while this runs.
    #[inline]
    pub(super) unsafe fn pop(&self, _: &Section) -> Option<T> {
        // SAFETY: the caller's promise.
        let here = unsafe { self.claim.own() }?;
        let item = self.with(|stacks| stacks.fresh.pop());
        drop(here);
        item
    }

    /// The owner puts `item` in; `room` replaces the buffer if that is full.
    ///
    /// # Safety
    ///
    /// As for [`Claim::own`], while this runs.
    #[inline]
    pub(super) unsafe fn push(
        &self,
        _: &Section,
        item: T,
        room: &mut Vec<T>,
    ) -> Result<Clock, Refused<T>> {
        // SAFETY: the caller's promise.
        let Some(_here) = (unsafe { self.claim.own() }) else { return Err(Refused::Busy(item)) };
        self.with(|stacks| stacks.push(item, room))
    }

    /// A visitor takes the fresh item put last.
    pub(super) fn visit_pop(&self, _: &Section) -> Option<T> {
        let _here = self.claim.visit()?;
        self.with(|stacks| stacks.fresh.pop())
    }

    /// A visitor puts `item` in; `room` as for [`push`](Self::push).
    pub(super) fn visit_push(
        &self,
        _: &Section,
        item: T,
        room: &mut Vec<T>,
    ) -> Result<Clock, Refused<T>> {
        let Some(_here) = self.claim.visit() else { return Err(Refused::Busy(item)) };
        self.with(|stacks| stacks.push(item, room))
    }

    /// A visitor takes the older half, at most as many as there is room for in `loot`.
    pub(super) fn steal(&self, _: &Section, age: Age, loot: &mut Vec<T>) {
        let Some(_here) = self.claim.visit() else { return };
        self.with(|stacks| {
            let from = if age == Age::Fresh { &mut stacks.fresh } else { &mut stacks.stale };
            let count = from.len().div_ceil(2).min(loot.capacity() - loot.len());
            loot.extend(from.drain(..count));
            self.stale.store(stacks.stale.len(), Ordering::Relaxed); // Relaxed: a hint
        });
    }

    /// A tick: gives back what is to be dropped, outside any section.
    pub(super) fn age(&self, _: &Section) -> Vec<T> {
        let Some(_here) = self.claim.visit() else { return Vec::new() };
        self.with(|stacks| {
            let stale = core::mem::take(&mut stacks.fresh);
            self.stale.store(stale.len(), Ordering::Relaxed); // Relaxed: a hint
            core::mem::replace(&mut stacks.stale, stale)
        })
    }
}

impl<T> Stacks<T> {
    #[inline]
    fn push(&mut self, item: T, room: &mut Vec<T>) -> Result<Clock, Refused<T>> {
        if self.fresh.len() == self.fresh.capacity() {
            if room.capacity() <= self.fresh.len() {
                return Err(Refused::Full(item, (self.fresh.len() * 2).max(8)));
            }
            room.append(&mut self.fresh);
            core::mem::swap(room, &mut self.fresh);
        }
        self.fresh.push(item);
        self.puts = self.puts.wrapping_add(1);
        Ok(if self.puts == 0 { Clock::Now } else { Clock::Later })
    }
}
