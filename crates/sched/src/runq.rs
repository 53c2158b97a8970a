//! The local run queue of a P: the runnext slot, a ring of 256, and a second one for those who yielded.
//!
//! | field | written by |
//! |---|---|
//! | `ring`, `yielded` | the owner, who puts; any taker (`ring.rs`) |
//! | `runnext` | the owner: by swap to put, by store to take |
//! | `claim` | a thief who wants `runnext`, and the owner who answers: the table in `claim.rs` |
//!
//! *Behind The Global Queue*: who yielded has a right to no place before those of the global queue, and none before the ring.
//! So its ring is this P's part of that queue, at its end: the owner takes from it only if it found nobody there, and hands it
//! over as a whole at the 61st slice, and before it puts others there. Thieves may take from it once the other ring has nothing.

use crate::claim::{Claim, Whose};
pub use crate::ring::CAPACITY;
use crate::ring::{Ring, g_at, pointer};
use gaggle_gopark::{G, GQueue, GRef};
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};

/// Whether a G taken from a queue runs on the time slice of the one before it (SEMANTICS E3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slice {
    /// From runnext: it shares the slice.
    Inherit,
    /// From the ring: a new slice.
    Fresh,
}

/// Whether a thief may take runnext (SEMANTICS E7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runnext {
    /// Leave it to its P.
    Leave,
    /// The last pass: take it if the ring is empty.
    Take,
}

/// The local run queue of a P.
#[derive(Debug)]
pub struct RunQueue {
    ring: Ring,
    runnext: AtomicPtr<G>,
    claim: Claim,
    yielded: Ring,
}

impl RunQueue {
    /// Half of the ring.
    pub const HALF: usize = CAPACITY as usize / 2;

    /// An empty queue.
    pub fn new() -> Self {
        Self {
            ring: Ring::new(),
            runnext: AtomicPtr::new(core::ptr::null_mut()),
            claim: Claim::new(),
            yielded: Ring::new(),
        }
    }

    /// True if nothing is queued, at one instant (TestSchedLocalQueueEmpty ★25).
    ///
    /// A put through runnext kicks the old one into the ring: between the two the G is in neither, so the ring's end is read
    /// again to see whether a put went on meanwhile, while the other ring was looked at, too. `put_behind` takes runnext
    /// first, as if to run it: what was there is in its owner's hand then.
    pub fn is_empty(&self) -> bool {
        loop {
            let (end, ring) = self.ring.end();
            let (_, yielded) = self.yielded.end();
            // Acquire: pairs with the swap in `put_next` and the store in `take_next`.
            let next = self.runnext.load(Ordering::Acquire);
            let gone = next.is_null() || self.claim.has_taken(next);
            // Acquire: as above.
            let same = next == self.runnext.load(Ordering::Acquire);
            if same && end == self.ring.end().0 {
                return ring && yielded && gone;
            }
        }
    }

    /// The same of a look at each in turn: nobody else puts. Owner only.
    #[inline]
    pub fn is_empty_here(&self) -> bool {
        // Relaxed: a look; what is taken is taken by others' read-modify-writes, or by ours.
        let next = self.runnext.load(Ordering::Relaxed);
        (next.is_null() || self.claim.has_taken(next))
            && self.ring.first().is_none()
            && self.yielded.first().is_none()
    }

    /// How many Gs are queued: a snapshot for reports.
    pub fn len(&self) -> usize {
        // Relaxed: for the eye.
        let next = self.runnext.load(Ordering::Relaxed);
        let next = !next.is_null() && !self.claim.has_taken(next);
        self.ring.len() + self.yielded.len() + usize::from(next)
    }

    /// Puts `g` into runnext; what it displaces goes to the tail of the ring (SEMANTICS E2).
    /// Returns what the ring had no room for. Owner only.
    #[inline]
    #[must_use = "the overflow goes to the global queue"]
    pub fn put_next(&self, g: GRef) -> Option<GQueue> {
        // AcqRel: release publishes `g` to the thief's Acquire in `rob`; acquire sees the displaced G
        // whoever put it. A read-modify-write, for the wake word's sake (`wake.rs`).
        let displaced = self.runnext.swap(pointer(Some(g)), Ordering::AcqRel);
        if displaced.is_null() {
            return None; // who claims `g` is answered when it leaves
        }
        if self.claim.is_free() {
            return self.put(g_at(displaced)?);
        }
        self.put_next_slow(displaced)
    }

    /// A thief is at work: the displaced G is ours, or the thief's, or the thief has the new one.
    #[cold]
    #[inline(never)]
    fn put_next_slow(&self, displaced: *mut G) -> Option<GQueue> {
        match self.claim.answer() {
            Whose::Ours => self.put(g_at(displaced)?),
            Whose::Thiefs(taken) => {
                if taken != displaced.addr() {
                    // Release: as in `take_next`.
                    self.runnext.store(core::ptr::null_mut(), Ordering::Release);
                }
                self.claim.forget();
                if taken == displaced.addr() { None } else { self.put(g_at(displaced)?) }
            }
        }
    }

    /// Leaves what [`put_next`](Self::put_next) leaves once another has followed it: `g` is the last of the ring, behind
    /// what was in runnext. Returns what the ring had no room for. Owner only, who submits it later.
    #[inline]
    #[must_use = "the overflow goes to the global queue"]
    pub fn put_behind(&self, g: GRef) -> Option<GQueue> {
        let Some(next) = self.take_next() else { return self.put(g) };
        let mut overflow = self.put(next).unwrap_or_default();
        overflow.append(&mut self.put(g).unwrap_or_default());
        (!overflow.is_empty()).then_some(overflow)
    }

    /// Puts `g` at the tail of the ring. Returns what the ring had no room for: the older half
    /// and `g`, in order (SEMANTICS E4). Owner only.
    #[inline]
    #[must_use = "the overflow goes to the global queue"]
    pub fn put(&self, g: GRef) -> Option<GQueue> {
        self.ring.put(g)
    }

    /// Puts `g`, which yielded, behind all others (Behind The Global Queue). Returns what there was no room for, as
    /// [`put`](Self::put). Owner only, who submits it later.
    #[inline]
    #[must_use = "the overflow goes to the global queue"]
    pub fn put_yielded(&self, g: GRef) -> Option<GQueue> {
        self.yielded.put(g)
    }

    /// The same if there is room; else false, and nothing. Owner only.
    #[inline]
    #[must_use = "it stands nowhere without room"]
    pub fn put_yielded_if_room(&self, g: GRef) -> bool {
        self.yielded.try_put(g).is_ok()
    }

    /// Takes the first of those who yielded. Owner only, who found nobody in the global queue.
    #[inline]
    pub fn get_yielded(&self) -> Option<GRef> {
        self.yielded.take_head()
    }

    /// Takes all who yielded, in order, to be handed over to the global queue; none if there are none. Owner only.
    pub fn take_yielded(&self) -> Option<GQueue> {
        let mut all = self.yielded.take_half()?;
        while let Some(mut more) = self.yielded.take_half() {
            all.append(&mut more);
        }
        Some(all)
    }

    /// How many are in the ring: a snapshot, of what Go counts of a P's queue.
    pub fn ring_len(&self) -> usize {
        self.ring.len()
    }

    /// How many of those who yielded are here: a snapshot.
    pub fn yielded(&self) -> usize {
        self.yielded.len()
    }

    /// Takes some of those who yielded at `other`, so that both have as many to run, one that runs there just now counted.
    /// Owner only, between two goroutines.
    pub fn level_with(&self, other: &RunQueue) {
        let more = (other.len() + 1).saturating_sub(self.len()).div_ceil(2);
        let most = more.min(self.yielded.room() as usize) as u32;
        let grabbed = self.yielded.grab(&other.yielded, most);
        self.yielded.keep(grabbed);
    }

    /// For how many more of the global queue there is room: half of the ring is for others.
    pub fn room(&self) -> usize {
        Self::HALF.saturating_sub(self.ring.len())
    }

    /// The one that is taken next and the one after two others, of the ring, or of those who yielded if nobody is in
    /// it: a hint. Owner only.
    #[inline]
    pub fn ahead(&self) -> Option<(Option<GRef>, Option<GRef>)> {
        self.ring.ahead().or_else(|| self.yielded.ahead())
    }

    /// Where the ring begins, if anybody is there: of two looks with one answer both were at the same G. Owner only.
    #[inline]
    pub fn first(&self) -> Option<u32> {
        self.ring.first()
    }

    /// Takes the head of the ring. Owner only.
    #[inline]
    pub fn take_head(&self) -> Option<GRef> {
        self.ring.take_head()
    }

    /// Takes the next G to run: runnext, then the head of the ring. Owner only.
    #[inline]
    pub fn get(&self) -> Option<(GRef, Slice)> {
        match self.take_next() {
            Some(g) => Some((g, Slice::Inherit)),
            None => self.take_head().map(|g| (g, Slice::Fresh)),
        }
    }

    /// Takes runnext. Owner only: no read-modify-write, as a thief pays for both (`claim.rs`).
    #[inline]
    pub fn take_next(&self) -> Option<GRef> {
        // Relaxed: only the owner writes.
        let next = self.runnext.load(Ordering::Relaxed);
        if next.is_null() {
            return None;
        }
        // Release: pairs with the load in `is_empty`, which then sees where the G that was displaced
        // went, and with the one in `rob`.
        self.runnext.store(core::ptr::null_mut(), Ordering::Release);
        if self.claim.is_free() { g_at(next) } else { self.take_next_slow(next) }
    }

    #[cold]
    #[inline(never)]
    fn take_next_slow(&self, next: *mut G) -> Option<GRef> {
        match self.claim.answer() {
            Whose::Ours => g_at(next),
            Whose::Thiefs(_) => {
                self.claim.forget();
                None
            }
        }
    }

    /// Takes runnext from `victim`, against its owner. The caller owns this queue's P.
    fn rob(&self, victim: &RunQueue) -> Option<GRef> {
        // Relaxed: a look; `steal` reads again.
        if victim.runnext.load(Ordering::Relaxed).is_null() {
            return None;
        }
        // Acquire: pairs with the swap in `put_next`: the G is whole.
        let next = || victim.runnext.load(Ordering::Acquire);
        victim.claim.steal(core::ptr::from_ref(self).addr(), next).and_then(g_at)
    }

    /// Steals half of `victim` into this queue and returns one to run (SEMANTICS E6). The caller
    /// owns this queue's P; its ring is empty.
    pub fn steal_from(&self, victim: &RunQueue, runnext: Runnext) -> Option<GRef> {
        let mut grabbed = self.ring.grab(&victim.ring, CAPACITY);
        if grabbed == 0 {
            grabbed = self.ring.grab(&victim.yielded, CAPACITY);
        }
        match self.ring.keep_but_one(grabbed) {
            None if runnext == Runnext::Take => self.rob(victim),
            g => g,
        }
    }

    /// Takes everything out, in order. Owner only.
    pub fn drain(&self) -> GQueue {
        let mut all = GQueue::new();
        while let Some(g) = self.get().map(|(g, _)| g).or_else(|| self.get_yielded()) {
            all.push_back(g);
        }
        all
    }
}

impl Default for RunQueue {
    fn default() -> Self {
        Self::new()
    }
}
