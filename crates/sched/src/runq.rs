//! The local run queue of a P: a ring of 256 and the runnext slot.
//!
//! | field | written by |
//! |---|---|
//! | `head` | any taker, by CAS |
//! | `tail` | the owner of the P, by store |
//! | `slots` | the owner, before it moves `tail` over them |
//! | `runnext` | the owner: by swap to put, by store to take |
//! | `claim` | a thief who wants `runnext`, and the owner who answers: the table in `claim.rs` |
//!
//! *Single Producer*: only the owner of the P puts. *Slot Is Published*: a slot is written before
//! the release store of `tail` that covers it, and not overwritten before `head` has passed it,
//! so whoever moves `head` by CAS from a value at which the slot was read owns that G.
//! Indices run on and wrap; only differences count.
//!
//! Our own ring, not a growing deque: a runtime section may not allocate.

use crate::claim::{Claim, Whose};
use core::ptr::NonNull;
use gaggle_gopark::{G, GQueue, GRef};
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_prim::{CachePadded, MODEL, throw};

/// Slots of the ring (SEMANTICS E1); small in a model.
pub const CAPACITY: u32 = if MODEL { 4 } else { 256 };

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
    head: CachePadded<AtomicU32>,
    tail: CachePadded<AtomicU32>,
    runnext: AtomicPtr<G>,
    claim: Claim,
    slots: [AtomicPtr<G>; CAPACITY as usize],
}

/// How far ahead one on the global queue knows another: about as many as are taken while memory answers once.
const AHEAD: usize = 8;

fn pointer(g: Option<GRef>) -> *mut G {
    g.map_or(core::ptr::null_mut(), |g| g.as_ptr().as_ptr())
}

fn g_at(place: *mut G) -> Option<GRef> {
    // SAFETY: Made From The Container: only `pointer` made what is stored here.
    NonNull::new(place).map(|g| unsafe { GRef::new(g) })
}

impl RunQueue {
    /// Half of the ring.
    pub const HALF: usize = CAPACITY as usize / 2;

    /// An empty queue.
    pub fn new() -> Self {
        Self {
            head: CachePadded::new(AtomicU32::new(0)),
            tail: CachePadded::new(AtomicU32::new(0)),
            runnext: AtomicPtr::new(core::ptr::null_mut()),
            claim: Claim::new(),
            slots: core::array::from_fn(|_| AtomicPtr::new(core::ptr::null_mut())),
        }
    }

    fn slot(&self, index: u32) -> &AtomicPtr<G> {
        &self.slots[(index % CAPACITY) as usize]
    }

    /// True if nothing is queued, at one instant (TestSchedLocalQueueEmpty ★25).
    ///
    /// A put through runnext kicks the old one into the ring: between the two the G is in neither,
    /// so `tail` is read again to see whether a put went on meanwhile. `put_behind` takes runnext first,
    /// as if to run it: what was there is in its owner's hand then.
    pub fn is_empty(&self) -> bool {
        loop {
            // Acquire: pairs with the Release in `push`, the swap in `put_next`, the store in `take_next`.
            let head = self.head.load(Ordering::Acquire);
            let tail = self.tail.load(Ordering::Acquire);
            let next = self.runnext.load(Ordering::Acquire);
            let gone = next.is_null() || self.claim.has_taken(next);
            // Acquire: as above.
            let same = next == self.runnext.load(Ordering::Acquire);
            if same && tail == self.tail.load(Ordering::Acquire) {
                return head == tail && gone;
            }
        }
    }

    /// How many Gs are queued: a snapshot for reports.
    pub fn len(&self) -> usize {
        // Relaxed: for the eye.
        let (head, tail) = (self.head.load(Ordering::Relaxed), self.tail.load(Ordering::Relaxed));
        // Relaxed: for the eye.
        let next = self.runnext.load(Ordering::Relaxed);
        let next = !next.is_null() && !self.claim.has_taken(next);
        tail.wrapping_sub(head) as usize + usize::from(next)
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
        loop {
            // Acquire: pairs with the Release of the takers' CAS: their reads of the slot came
            // before we may overwrite it.
            let head = self.head.load(Ordering::Acquire);
            // Relaxed: Single Producer: our own index.
            let tail = self.tail.load(Ordering::Relaxed);
            if tail.wrapping_sub(head) < CAPACITY {
                self.push(tail, g);
                return None;
            }
            if let Some(batch) = self.overflow(head, g) {
                return Some(batch);
            } // a thief made room meanwhile
        }
    }

    #[inline]
    fn push(&self, tail: u32, g: GRef) {
        // Relaxed: Slot Is Published by the store of `tail`.
        self.slot(tail).store(pointer(Some(g)), Ordering::Relaxed);
        // Release: pairs with the Acquire of the takers.
        self.tail.store(tail.wrapping_add(1), Ordering::Release);
    }

    #[cold]
    #[inline(never)]
    fn overflow(&self, head: u32, g: GRef) -> Option<GQueue> {
        const HALF: u32 = CAPACITY / 2;
        let mut batch = [core::ptr::null_mut(); HALF as usize];
        for (at, place) in batch.iter_mut().enumerate() {
            // Relaxed: the CAS below proves that the slots were still ours to read.
            *place = self.slot(head.wrapping_add(at as u32)).load(Ordering::Relaxed);
        }
        // Release: pairs with the Acquire in `put`. Relaxed on failure: a thief was faster.
        self.head
            .compare_exchange(head, head.wrapping_add(HALF), Ordering::Release, Ordering::Relaxed)
            .ok()?;
        let mut queue = GQueue::new();
        batch.into_iter().filter_map(g_at).for_each(|g| queue.push_back(g));
        // Theirs is the list until it is published: whoever takes them, one by one, sees only the next one's place.
        for (&g, &later) in batch.iter().zip(&batch[AHEAD.min(batch.len())..]) {
            if let (Some(g), Some(later)) = (g_at(g), g_at(later)) {
                g.set_ahead(later);
            }
        }
        queue.push_back(g);
        Some(queue)
    }

    /// Takes the next G to run: runnext, then the head of the ring. Owner only.
    #[inline]
    pub fn get(&self) -> Option<(GRef, Slice)> {
        match self.take_next() {
            Some(g) => Some((g, Slice::Inherit)),
            None => self.take_head().map(|g| (g, Slice::Fresh)),
        }
    }

    /// The G that is taken from the ring after `by` others, unless somebody is faster: a hint. Owner only.
    #[inline]
    pub fn ahead(&self, by: u32) -> Option<GRef> {
        // Relaxed: a hint; nothing is taken.
        let head = self.head.load(Ordering::Relaxed);
        // Relaxed: Single Producer: our own index.
        if self.tail.load(Ordering::Relaxed).wrapping_sub(head) <= by {
            return None;
        }
        // Relaxed: Slot Is Published, by ourselves.
        g_at(self.slot(head.wrapping_add(by)).load(Ordering::Relaxed))
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

    /// Where the ring begins, if anybody is there: of two looks with one answer both were at the same G. Owner only.
    #[inline]
    pub fn first(&self) -> Option<u32> {
        // Relaxed: a look; nothing is taken.
        let head = self.head.load(Ordering::Relaxed);
        // Relaxed: Single Producer: our own index.
        (self.tail.load(Ordering::Relaxed) != head).then_some(head)
    }

    /// Takes the head of the ring. Owner only.
    #[inline]
    pub fn take_head(&self) -> Option<GRef> {
        loop {
            // Acquire: pairs with the Release of other takers, so the CAS starts from their state.
            let head = self.head.load(Ordering::Acquire);
            // Relaxed: Single Producer: our own index.
            let tail = self.tail.load(Ordering::Relaxed);
            if head == tail {
                return None;
            }
            // Relaxed: Slot Is Published, by ourselves.
            let g = self.slot(head).load(Ordering::Relaxed);
            // Release: pairs with the Acquire in `put`. Relaxed on failure: look again.
            let moved = self.head.compare_exchange_weak(
                head,
                head.wrapping_add(1),
                Ordering::Release,
                Ordering::Relaxed,
            );
            if moved.is_ok() {
                return g_at(g);
            }
        }
    }

    /// Steals half of `victim` into this queue and returns one to run (SEMANTICS E6). The caller
    /// owns this queue's P; its ring is empty.
    pub fn steal_from(&self, victim: &RunQueue, runnext: Runnext) -> Option<GRef> {
        // Relaxed: Single Producer: our own index.
        let tail = self.tail.load(Ordering::Relaxed);
        let mut taken = victim.grab(self, tail);
        if taken == 0 && runnext == Runnext::Take {
            let next = self.rob(victim)?;
            self.slot(tail).store(pointer(Some(next)), Ordering::Relaxed); // Relaxed: our own slot
            taken = 1;
        }
        let last = taken.checked_sub(1)?;
        // Relaxed: our own slot, not published yet.
        let g = g_at(self.slot(tail.wrapping_add(last)).load(Ordering::Relaxed));
        if last > 0 {
            // Acquire: pairs with the takers' CAS, as in `put`.
            let head = self.head.load(Ordering::Acquire);
            if tail.wrapping_sub(head) + last >= CAPACITY {
                throw!("runq: a thief overflowed its own ring");
            }
            // Release: pairs with the Acquire of the takers.
            self.tail.store(tail.wrapping_add(last), Ordering::Release);
        }
        g
    }

    /// Moves the older half of the ring into `thief`'s free slots from `at` on.
    fn grab(&self, thief: &RunQueue, at: u32) -> u32 {
        loop {
            // Acquire: pairs with the Release of other takers.
            let head = self.head.load(Ordering::Acquire);
            // Acquire: pairs with the Release in `push`: the slots are published.
            let tail = self.tail.load(Ordering::Acquire);
            let queued = tail.wrapping_sub(head);
            let half = queued - queued / 2;
            if half == 0 {
                return 0;
            }
            if half > CAPACITY / 2 {
                continue; // head and tail are from different instants
            }
            for i in 0..half {
                // Relaxed: the CAS below proves that the slots were still there to read.
                let g = self.slot(head.wrapping_add(i)).load(Ordering::Relaxed);
                // Relaxed: our own slot, not published yet.
                thief.slot(at.wrapping_add(i)).store(g, Ordering::Relaxed);
            }
            // AcqRel: release pairs with the Acquire in `put`; acquire keeps what follows after.
            let moved = self.head.compare_exchange(
                head,
                head.wrapping_add(half),
                Ordering::AcqRel,
                Ordering::Relaxed, // on failure: look again
            );
            if moved.is_ok() {
                return half;
            }
        }
    }

    /// Takes everything out, in order: for a P that retires. Owner only.
    pub fn drain(&self) -> GQueue {
        let mut all = GQueue::new();
        while let Some((g, _)) = self.get() {
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
