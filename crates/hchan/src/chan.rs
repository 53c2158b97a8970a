//! One channel: a buffer, two lines of waiters, a closed flag, one lock.
//!
//! Invariants of an open channel, whenever its lock is free:
//! 1. At least one of the two lines is empty, but for waiters whose wait somebody else has ended
//!    and for one select that waits on both sides of an unbuffered channel (SEMANTICS I9).
//! 2. A value in the buffer means that no receiver waits; room in it, that no sender does.
//! 3. A closed channel has empty lines, for ever, but for select's losers on their way out and for
//!    values that were put back (`RETURNED`), which are drained like its buffer.
//!
//! Named invariants:
//! 1. *Slots Fit*: a slot given to a channel is a place for one value of its element type, and
//!    the [`Elem`] that comes with it is that type's.
//! 2. *Moved Once*: whoever is told `Done` for a send has lost the value in its slot; whoever is
//!    told `Done` for a receive has one in its slot. Any other answer leaves the slot as it was.
//! 3. *Held Publishes*: the lock is given back through [`Held`] only, which shows the new state
//!    to those without the lock first.
//! 4. *Handle Outlives*: whoever works on a channel borrows a handle of it.
//!
//! The mechanism does not know the element type: it moves bytes. [`Hchan`] is its typed skin.

use crate::beyond::{Beyond, Chain, Growth, Report, Shape};
use crate::bubbled;
use crate::buf::{Elem, Ring};
use crate::feed::Feed;
use crate::mirror::{Flags, Mirror, Seen};
use crate::rest::Rest;
pub(crate) use crate::side::Side;
use crate::task::Back;
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, Commit, GRef};
use gaggle_lock::{Mutex, MutexGuard, Rank, RawMutex};
use gaggle_race::Channel as RaceChannel;
use gaggle_sudog::{Sudog, WaitQ, Waiter};
use std::alloc::{Layout, handle_alloc_error};

/// The most bytes a buffer may have: what Go's allocator can address, less what its channel's own fields take (I1).
const MOST_BYTES: usize = if usize::BITS == 64 { (1 << 48) - 96 } else { isize::MAX as usize };

/// The ring of an unbounded channel: what lies in it costs no second move.
const MOST_IN_RING: usize = 64;

/// The number of a waiter in the line of senders that nobody stands behind: a value that was put
/// back (`task`). It waits like a sender, and stays when the channel is closed.
pub(crate) const RETURNED: usize = usize::MAX;

/// What the lock protects. What most operations touch comes first, as in [`Core`].
#[derive(Debug)]
#[repr(C)]
pub(crate) struct State {
    pub(crate) ring: Ring,
    flags: Flags,
    recvq: WaitQ,
    sendq: WaitQ,
    /// None if the channel is bounded, or its last receiver took all (`rest.rs`).
    pub(crate) beyond: Option<Box<Beyond>>,
    /// The bubble it was made in; then `Flags::BUBBLED` is set.
    pub(crate) bubble: u32,
    /// The clock, where it is what sends (`feed.rs`): then `Flags::FED` is set.
    pub(crate) feed: Option<Box<Feed>>,
    pub(crate) race: RaceChannel,
    pub(crate) back: Back,
}

impl State {
    fn new(ring: Ring, flags: Flags, bubble: u32) -> Self {
        let (sendq, recvq, race) = (WaitQ::new(), WaitQ::new(), RaceChannel::new());
        let back = Back::new();
        Self { ring, beyond: None, flags, bubble, sendq, recvq, feed: None, race, back }
    }

    /// Whether it is closed, and in which lines somebody stands.
    #[inline(always)]
    pub(crate) fn flags(&self) -> Flags {
        self.flags
    }

    /// How many stand in the line of `side`, select's losers included.
    pub(crate) fn waiting(&self, side: Side) -> usize {
        match side {
            Side::Send => self.sendq.len(),
            Side::Recv => self.recvq.len(),
        }
    }

    /// How many values it holds.
    pub(crate) fn count(&self) -> usize {
        self.ring.count() + self.beyond.as_ref().map_or(0, |beyond| beyond.count())
    }

    /// Puts one flag in or out that says nothing about the lines.
    pub(crate) fn set(&mut self, flag: Flags, present: bool) {
        self.flags = self.flags.with(flag, present);
    }

    /// Ends, in the clock's name, the first open wait of a receiver; its node stays in the line.
    #[must_use = "the G sleeps until somebody readies it"]
    pub(crate) fn time_out_first(&self) -> Option<GRef> {
        self.recvq.time_out_first()
    }

    /// Takes the first waiter of `side` whose wait is still open.
    pub(crate) fn dequeue(&mut self, side: Side) -> Option<Waiter> {
        self.change(side, WaitQ::dequeue)
    }

    /// Puts those back into the line of senders whom a close does not concern.
    pub(crate) fn keep_returned(&mut self, mut returned: WaitQ) {
        while let Some(waiter) = returned.dequeue() {
            // SAFETY: they stood in this line, and are in none now.
            self.change(Side::Send, |line| unsafe { line.enqueue(waiter.into_node()) });
        }
    }

    /// What is left once nobody has a handle.
    fn into_rest<T>(self) -> Rest<T> {
        Rest::new(self.ring, self.beyond, self.sendq)
    }

    /// Changes the line of `side`; the flags follow.
    #[inline]
    fn change<R>(&mut self, side: Side, change: impl FnOnce(&mut WaitQ) -> R) -> R {
        let (line, flag) = match side {
            Side::Send => (&mut self.sendq, Flags::SENDERS_WAIT),
            Side::Recv => (&mut self.recvq, Flags::RECEIVERS_WAIT),
        };
        let result = change(line);
        self.flags = self.flags.with(flag, !line.is_empty());
        result
    }
}

/// A channel without its element type. `mirror`, `elem` and the first half of the state are what an
/// operation touches: two cache lines, or three.
#[derive(Debug)]
#[repr(C)]
pub struct Core {
    // Written by the holder of the lock, read by anyone.
    mirror: Mirror,
    // Constant.
    elem: Elem,
    // Its own law.
    state: Mutex<State>,
    // Constant.
    cap: usize,
    growth: Option<Box<Growth>>,
}

impl Core {
    /// How many values fit into the buffer; `usize::MAX` if it is unbounded.
    #[inline]
    pub(crate) fn cap(&self) -> usize {
        self.cap
    }

    /// How many values it holds at this instant.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        if self.growth.is_some() { self.len_of_all() } else { self.look().count() }
    }

    #[inline(never)]
    fn len_of_all(&self) -> usize {
        let _section = gopark::enter();
        let mut held = self.lock();
        let count = held.state().count();
        held.unlock();
        count
    }

    /// Makes room in an unbounded channel. Outside sections only.
    #[cold]
    #[inline(never)]
    pub(crate) fn grow(&self) {
        let Some(growth) = &self.growth else { return };
        let block = growth.shape.block();
        let section = gopark::enter();
        let mut held = self.lock();
        let unused = match &mut held.state().beyond {
            Some(beyond) => beyond.give(block),
            None => block,
        };
        held.unlock();
        drop(section);
        drop::<Chain>(unused); // somebody else was faster
    }

    /// Tells the owner of an unbounded channel how much it holds. Outside sections only.
    pub(crate) fn report(&self, values: usize) {
        if let Some(growth) = &self.growth {
            (growth.report)(values);
        }
    }

    /// The size of its elements, for those who do not know their type.
    #[inline]
    pub(crate) fn elem(&self) -> Elem {
        self.elem
    }

    /// The channel at one instant, without the lock.
    #[inline(always)]
    pub(crate) fn look(&self) -> Seen {
        self.mirror.look()
    }

    /// Takes the lock. Inside a section only.
    #[inline(always)]
    pub(crate) fn lock(&self) -> Held<'_> {
        Held { core: self, state: self.state.lock() }
    }

    /// The bare lock, for those who take several.
    #[inline]
    pub(crate) fn raw(&self) -> &RawMutex {
        self.state.raw()
    }

    /// The state, for one who took [`raw`](Self::raw), or was passed on the lock.
    ///
    /// # Safety
    ///
    /// The caller holds the lock on this thread, and no other `Held` of it lives.
    #[inline]
    pub(crate) unsafe fn held(&self) -> Held<'_> {
        // SAFETY: the caller's promise.
        Held { core: self, state: unsafe { self.state.assume_locked() } }
    }
}

/// A channel whose lock is ours.
#[must_use = "the lock is given back by `unlock`, `into_commit` or `stay_locked`"]
pub(crate) struct Held<'a> {
    pub(crate) core: &'a Core,
    state: MutexGuard<'a, State>,
}

impl<'a> Held<'a> {
    /// The state behind the lock.
    #[inline(always)]
    pub(crate) fn state(&mut self) -> &mut State {
        &mut self.state
    }

    /// Adds `node` to the line of `side`.
    ///
    /// # Safety
    ///
    /// The node is in no line; it stays alive and in place until it is out of this one.
    pub(crate) unsafe fn enqueue(&mut self, side: Side, node: NonNull<Sudog>) {
        // SAFETY: the caller's promise.
        unsafe { node.as_ref() }.race().release();
        // SAFETY: the caller's promise.
        self.state.change(side, |line| unsafe { line.enqueue(node) });
    }

    /// Adds `node` behind the first `before` of the line of `side`.
    ///
    /// # Safety
    ///
    /// As for [`enqueue`](Self::enqueue).
    #[cfg(feature = "futures")]
    pub(crate) unsafe fn enqueue_at(&mut self, side: Side, before: usize, node: NonNull<Sudog>) {
        // SAFETY: the caller's promise.
        self.state.change(side, |line| unsafe { line.enqueue_at(before, node) });
    }

    /// Takes `node` out of the line of `side`, if it still stands there; true if it did.
    ///
    /// # Safety
    ///
    /// The node is the caller's, and if it is in a line at all, it is this one.
    pub(crate) unsafe fn remove(&mut self, side: Side, node: NonNull<Sudog>) -> bool {
        // SAFETY: the caller's promise. Whether somebody had dropped it on the way is all one.
        self.state.change(side, |line| unsafe { line.remove(node) })
    }

    #[inline(always)]
    fn publish(&self) {
        let seen = Seen::new(self.state.ring.count(), self.state.flags);
        self.core.mirror.publish(seen);
    }

    /// Gives the lock back.
    #[inline(always)]
    pub(crate) fn unlock(self) {
        self.publish();
    }

    /// The lock is given back once the G is parked.
    pub(crate) fn into_commit(self) -> Commit {
        self.publish();
        Commit::unlock(self.state)
    }

    /// The lock stays held and nothing is published yet: the callee makes a `Held` again by
    /// [`Core::held`]. So what is passed is one word, in a register.
    #[inline(always)]
    pub(crate) fn pass_on(self) {
        let _: &'a RawMutex = self.state.into_raw();
    }

    /// The lock stays held, as it was before [`Core::held`].
    pub(crate) fn stay_locked(self) {
        self.publish();
        let _: &'a RawMutex = self.state.into_raw();
    }
}

/// A channel of `T`s.
///
/// Invariant in `T`: what one handle puts in, another takes out, so a handle must not pass for one
/// of a longer or a shorter lived type.
pub(crate) struct Hchan<T> {
    core: ManuallyDrop<Core>,
    owns: PhantomData<Cell<T>>,
}

// SAFETY: Slots Fit, Moved Once: a `T` moves from one thread to another, never shared; all else in
// the core is behind its lock or atomic.
unsafe impl<T: Send> Send for Hchan<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Sync for Hchan<T> {}

impl<T> Hchan<T> {
    /// An open channel with room for `cap` values; none if no memory could hold them.
    pub(crate) fn new(cap: usize) -> Option<Self> {
        Self::with(cap, None)
    }

    /// An open channel without end, which reports when it holds more than `limit` values.
    pub(crate) fn unbounded(limit: usize, report: Report) -> Self {
        let ring = limit.clamp(1, MOST_IN_RING);
        let Some(it) = Self::with(ring, Some((limit.max(1), report))) else {
            handle_alloc_error(Layout::new::<[T; 1]>())
        };
        it
    }

    fn with(cap: usize, growth: Option<(usize, Report)>) -> Option<Self> {
        let bytes = cap.checked_mul(size_of::<T>())?;
        if bytes > MOST_BYTES || isize::try_from(cap).is_err() {
            return None;
        }
        let (flags, bubble) = bubbled::birthplace(Flags::NONE);
        let room: Box<[MaybeUninit<T>]> = Box::new_uninit_slice(cap);
        let base = NonNull::from(Box::leak(room)).cast::<()>();
        // SAFETY: Room For All: the slice is freed by `drop` only.
        let ring = unsafe { Ring::new(base, cap) };
        let shape = Shape::of::<T>;
        let beyond = growth.as_ref().map(|(limit, _)| Box::new(Beyond::new(shape(), *limit)));
        let state = State { beyond, ..State::new(ring, flags, bubble) };
        let cap = if growth.is_some() { usize::MAX } else { cap };
        let core = Core {
            cap,
            elem: Elem::of::<T>(),
            growth: growth.map(|(_, report)| Box::new(Growth { shape: shape(), report })),
            mirror: Mirror::new(flags),
            state: Mutex::new(Rank::Chan, state),
        };
        Some(Self { core: ManuallyDrop::new(core), owns: PhantomData })
    }

    /// An unbuffered channel that the clock fills.
    pub(crate) fn fed(feed: Feed) -> Self {
        let (flags, bubble) = bubbled::birthplace(Flags::FED);
        // SAFETY: Room For All: there are no places, and an empty slice is not freed.
        let ring = unsafe { Ring::new(NonNull::<T>::dangling().cast(), 0) };
        let state = State { feed: Some(Box::new(feed)), ..State::new(ring, flags, bubble) };
        let core = Core {
            cap: 0,
            elem: Elem::of::<T>(),
            growth: None,
            mirror: Mirror::new(flags),
            state: Mutex::new(Rank::Chan, state),
        };
        Self { core: ManuallyDrop::new(core), owns: PhantomData }
    }

    /// The channel without its element type.
    #[inline(always)]
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }
}

impl<T> Drop for Hchan<T> {
    fn drop(&mut self) {
        // SAFETY: `core` is not used again.
        let core = unsafe { ManuallyDrop::take(&mut self.core) };
        // Nobody else has a handle, so the lock is not needed, nor a section around the drops.
        drop(core.state.into_inner().into_rest::<T>());
    }
}
