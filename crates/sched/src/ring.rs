//! A ring of 256 goroutines: one puts, many take.
//!
//! | field | written by |
//! |---|---|
//! | `head` | any taker, by CAS |
//! | `tail` | the owner of the P, by store |
//! | `slots` | the owner, before it moves `tail` over them |
//!
//! *Single Producer*: only the owner of the P puts. *Slot Is Published*: a slot is written before
//! the release store of `tail` that covers it, and not overwritten before `head` has passed it,
//! so whoever moves `head` by CAS from a value at which the slot was read owns that G.
//! Indices run on and wrap; only differences count.
//!
//! Our own ring, not a growing deque: a runtime section may not allocate.

use core::ptr::NonNull;
use gaggle_gopark::{G, GQueue, GRef};
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_prim::{CachePadded, MODEL, throw};

/// Slots of the ring (SEMANTICS E1); small in a model.
pub const CAPACITY: u32 = if MODEL { 4 } else { 256 };
const HALF: u32 = CAPACITY / 2;

/// How far ahead one on the global queue knows another: about as many as are taken while memory answers once.
const AHEAD: usize = 8;

pub(crate) fn pointer(g: Option<GRef>) -> *mut G {
    g.map_or(core::ptr::null_mut(), |g| g.as_ptr().as_ptr())
}

pub(crate) fn g_at(place: *mut G) -> Option<GRef> {
    // SAFETY: Made From The Container: only `pointer` made what is stored here.
    NonNull::new(place).map(|g| unsafe { GRef::new(g) })
}

/// The ring.
#[derive(Debug)]
pub(crate) struct Ring {
    head: CachePadded<AtomicU32>,
    tail: CachePadded<AtomicU32>,
    slots: [AtomicPtr<G>; CAPACITY as usize],
}

impl Ring {
    pub(crate) fn new() -> Self {
        Self {
            head: CachePadded::new(AtomicU32::new(0)),
            tail: CachePadded::new(AtomicU32::new(0)),
            slots: core::array::from_fn(|_| AtomicPtr::new(core::ptr::null_mut())),
        }
    }

    fn slot(&self, index: u32) -> &AtomicPtr<G> {
        &self.slots[(index % CAPACITY) as usize]
    }

    /// Where it ends, and whether it is empty. Of two looks with one end, if the first saw it empty it was so all the time.
    #[inline]
    pub(crate) fn end(&self) -> (u32, bool) {
        // Acquire: pairs with the Release in `push`, and with the takers' CAS.
        let head = self.head.load(Ordering::Acquire);
        // Acquire: as above.
        let tail = self.tail.load(Ordering::Acquire);
        (tail, head == tail)
    }

    /// How many Gs are queued: a snapshot for reports.
    pub(crate) fn len(&self) -> usize {
        // Relaxed: for the eye.
        let (head, tail) = (self.head.load(Ordering::Relaxed), self.tail.load(Ordering::Relaxed));
        tail.wrapping_sub(head) as usize
    }

    /// For how many more there is room, which may be put there then. Owner only.
    pub(crate) fn room(&self) -> u32 {
        // Acquire: as in `try_put`.
        let head = self.head.load(Ordering::Acquire);
        // Relaxed: Single Producer: our own index.
        CAPACITY - self.tail.load(Ordering::Relaxed).wrapping_sub(head)
    }

    /// Puts `g` at the tail of the ring. Returns what the ring had no room for: the older half
    /// and `g`, in order (SEMANTICS E4). Owner only.
    #[inline]
    #[must_use = "the overflow goes to the global queue"]
    pub(crate) fn put(&self, g: GRef) -> Option<GQueue> {
        loop {
            let Err(head) = self.try_put(g) else { return None };
            if let Some(batch) = self.overflow(head, g) {
                return Some(batch);
            } // a thief made room meanwhile
        }
    }

    /// Puts `g` at the tail of the ring, or says where that begins, which is full. Owner only.
    #[inline]
    pub(crate) fn try_put(&self, g: GRef) -> Result<(), u32> {
        // Acquire: pairs with the Release of the takers' CAS: their reads of the slot came
        // before we may overwrite it.
        let head = self.head.load(Ordering::Acquire);
        // Relaxed: Single Producer: our own index.
        let tail = self.tail.load(Ordering::Relaxed);
        if tail.wrapping_sub(head) >= CAPACITY {
            return Err(head);
        }
        self.push(tail, g);
        Ok(())
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
        let mut queue = self.take(head, HALF)?;
        queue.push_back(g);
        Some(queue)
    }

    /// Takes the first ones, half of the ring at most, in order; none if it is empty. Owner only.
    pub(crate) fn take_half(&self) -> Option<GQueue> {
        loop {
            // Acquire: as in `take_head`.
            let head = self.head.load(Ordering::Acquire);
            // Relaxed: Single Producer: our own index.
            let count = self.tail.load(Ordering::Relaxed).wrapping_sub(head).min(HALF);
            if count == 0 {
                return None;
            }
            if let Some(queue) = self.take(head, count) {
                return Some(queue);
            } // a thief was faster
        }
    }

    /// Takes `count` of them from `head` on, unless the ring begins elsewhere by now. Owner only.
    fn take(&self, head: u32, count: u32) -> Option<GQueue> {
        let mut batch = [core::ptr::null_mut(); HALF as usize];
        let batch = &mut batch[..count as usize];
        for (at, place) in batch.iter_mut().enumerate() {
            // Relaxed: the CAS below proves that the slots were still ours to read.
            *place = self.slot(head.wrapping_add(at as u32)).load(Ordering::Relaxed);
        }
        // Release: pairs with the Acquire in `put`. Relaxed on failure: a thief was faster.
        self.head
            .compare_exchange(head, head.wrapping_add(count), Ordering::Release, Ordering::Relaxed)
            .ok()?;
        let mut queue = GQueue::new();
        batch.iter().copied().filter_map(g_at).for_each(|g| queue.push_back(g));
        // Theirs is the list until it is published: whoever takes them, one by one, sees only the next one's place.
        for (&g, &later) in batch.iter().zip(&batch[AHEAD.min(batch.len())..]) {
            if let (Some(g), Some(later)) = (g_at(g), g_at(later)) {
                g.set_ahead(later);
            }
        }
        Some(queue)
    }

    /// The G that is taken from the ring next, and the one after two others, unless somebody is faster: a hint; none if
    /// nobody is in it. Owner only.
    #[inline]
    pub(crate) fn ahead(&self) -> Option<(Option<GRef>, Option<GRef>)> {
        // Relaxed: a hint; nothing is taken.
        let head = self.head.load(Ordering::Relaxed);
        // Relaxed: Single Producer: our own index.
        let count = self.tail.load(Ordering::Relaxed).wrapping_sub(head);
        // Relaxed: Slot Is Published, by ourselves.
        let at = |by: u32| g_at(self.slot(head.wrapping_add(by)).load(Ordering::Relaxed));
        (count > 0).then(|| (at(0), if count > 2 { at(2) } else { None }))
    }

    /// Where the ring begins, if anybody is there: of two looks with one answer both were at the same G. Owner only.
    #[inline]
    pub(crate) fn first(&self) -> Option<u32> {
        // Relaxed: a look; nothing is taken.
        let head = self.head.load(Ordering::Relaxed);
        // Relaxed: Single Producer: our own index.
        (self.tail.load(Ordering::Relaxed) != head).then_some(head)
    }

    /// Takes the head of the ring. Owner only.
    #[inline]
    pub(crate) fn take_head(&self) -> Option<GRef> {
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

    /// Moves the older half of the `victim`, but no more than `most`, behind our own end, unpublished; returns how many. Owner
    /// only, and there is room for them.
    pub(crate) fn grab(&self, victim: &Ring, most: u32) -> u32 {
        // Relaxed: Single Producer: our own index.
        let at = self.tail.load(Ordering::Relaxed);
        loop {
            // Acquire: pairs with the Release of other takers.
            let head = victim.head.load(Ordering::Acquire);
            // Acquire: pairs with the Release in `push`: the slots are published.
            let tail = victim.tail.load(Ordering::Acquire);
            let queued = tail.wrapping_sub(head);
            if queued > CAPACITY {
                continue; // head and tail are from different instants
            }
            let count = (queued - queued / 2).min(most);
            if count == 0 {
                return 0;
            }
            for i in 0..count {
                // Relaxed: the CAS below proves that the slots were still there to read.
                let g = victim.slot(head.wrapping_add(i)).load(Ordering::Relaxed);
                // Relaxed: our own slot, not published yet.
                self.slot(at.wrapping_add(i)).store(g, Ordering::Relaxed);
            }
            // AcqRel: release pairs with the Acquire in `put`; acquire keeps what follows after.
            let moved = victim.head.compare_exchange(
                head,
                head.wrapping_add(count),
                Ordering::AcqRel,
                Ordering::Relaxed, // on failure: look again
            );
            if moved.is_ok() {
                return count;
            }
        }
    }

    /// Publishes what [`grab`](Self::grab) has brought but for the last one, which it returns. Owner only.
    pub(crate) fn keep_but_one(&self, grabbed: u32) -> Option<GRef> {
        let last = grabbed.checked_sub(1)?;
        // Relaxed: Single Producer: our own index.
        let at = self.tail.load(Ordering::Relaxed);
        // Relaxed: our own slot, not published yet.
        let g = g_at(self.slot(at.wrapping_add(last)).load(Ordering::Relaxed));
        self.keep(last);
        g
    }

    /// Publishes the first `count` of what [`grab`](Self::grab) has brought. Owner only.
    pub(crate) fn keep(&self, count: u32) {
        if count == 0 {
            return;
        }
        // Relaxed: Single Producer: our own index.
        let at = self.tail.load(Ordering::Relaxed);
        // Acquire: pairs with the takers' CAS, as in `put`.
        let head = self.head.load(Ordering::Acquire);
        if at.wrapping_sub(head) + count > CAPACITY {
            throw!("runq: a thief overflowed its own ring");
        }
        // Release: pairs with the Acquire of the takers.
        self.tail.store(at.wrapping_add(count), Ordering::Release);
    }
}
