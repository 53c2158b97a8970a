//! A channel that the clock fills: what timers and tickers are made of (SEMANTICS T2 to T8).
//!
//! It has no buffer and no sender. A value is made when somebody takes it, so a stale one cannot
//! exist: "a tick is there" means "the time has come", and both are read under the channel's lock.
//!
//! Who waits for it waits with a deadline, as in any timed receive: the entry in a timer heap is
//! the waiter's own, and dies with its wait. So the channel is in a heap only while somebody waits
//! (T10), nothing has to be taken out of a heap, and no heap ever points to a channel.
//!
//! Named invariants, whenever the channel's lock is free:
//! 1. *One Watches*: if the line of receivers has one whose wait is open, there is a `watcher` in the
//!    line, which sleeps no longer than until `watched`, or is on its way to this lock; or one whose
//!    wait was ended so that it becomes the watcher is on its way. The others sleep without a deadline of
//!    this channel.
//! 2. *Watched Is Early*: `watched` is not after `when`.
//! 3. *Who Leaves Passes On*: who leaves the line while nobody else watches ends the wait of the first
//!    that is still open, in the clock's name; that one looks again, and watches, or leaves too.
//! 4. *First In Line*: a value that has come while somebody waits is for those in the line (I7).

use crate::chan::{Core, Hchan, Held, Side, State};
use crate::handle::Chan;
use crate::oneway::RecvOnly;
use crate::step::Step;
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, GRef, Section};
use gaggle_lock::nanotime;
use gaggle_prim::sync::Arc;
use gaggle_sudog::{Outcome, Sudog, seen::TIMED};

/// No time at all.
pub const NEVER: u64 = u64::MAX;

/// What a value says of the time at which it was due. Called with the channel locked: it must not
/// block, allocate or panic.
pub trait Stamp<T> {
    /// The value that was due at the monotonic nanosecond `when`.
    fn at(when: u64) -> T;
}

/// The clock's side of one channel, behind the channel's lock.
#[derive(Debug)]
pub(crate) struct Feed {
    /// When the next value is due; `NEVER` if none is.
    when: u64,
    /// From one value to the next; 0 if there is only one.
    period: u64,
    /// Makes a value: its slot, and when it was due.
    put: unsafe fn(*mut (), u64),
    watcher: Option<NonNull<Sudog>>,
    watched: u64,
}

// SAFETY: One Watches: the node is in the line, and reached under the channel's lock.
unsafe impl Send for Feed {}

impl Feed {
    /// Puts the value that is due by `now` into `slot`, and goes on to the next: on the original
    /// phase, without those that were missed (T8).
    ///
    /// # Safety
    ///
    /// Slots Fit; the place is free.
    unsafe fn take(&mut self, now: u64, slot: *mut ()) -> bool {
        if self.when > now {
            return false;
        }
        // SAFETY: the caller's promise; `put` is of this channel's element.
        unsafe { (self.put)(slot, self.when) };
        self.when = match (now - self.when).checked_div(self.period) {
            None => NEVER,
            Some(missed) => {
                let periods = (missed + 1).saturating_mul(self.period);
                self.when.saturating_add(periods).min(NEVER - 1)
            }
        };
        true
    }
}

impl Core {
    /// True if the clock is what sends: nobody else can.
    #[inline]
    pub(crate) fn is_fed(&self) -> bool {
        self.look().fed()
    }
}

impl State {
    /// A receive into `slot` from a channel that the clock fills.
    ///
    /// # Safety
    ///
    /// Slots Fit; the place is free.
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn feed_step(&mut self, slot: *mut ()) -> Step {
        if self.waiting(Side::Recv) > 0 {
            return Step::Wait; // First In Line
        }
        // SAFETY: the caller's promise.
        if unsafe { self.take_due(slot) } { Step::Done } else { Step::Wait }
    }

    /// The same for one who has stood in the line.
    ///
    /// # Safety
    ///
    /// As for `feed_step`.
    pub(crate) unsafe fn take_due(&mut self, slot: *mut ()) -> bool {
        let bubbled = self.is_bubbled();
        match self.feed.as_deref_mut() {
            Some(feed) if feed.when != NEVER => {
                self.race.hears();
                // SAFETY: the caller's promise.
                unsafe { feed.take(clock(bubbled), slot) }
            }
            _ => false,
        }
    }

    /// `node` is in the line and about to sleep: until when, on behalf of this channel.
    pub(crate) fn watch(&mut self, node: NonNull<Sudog>) -> u64 {
        let Some(feed) = self.feed.as_deref_mut() else { return NEVER };
        if feed.watcher.is_some_and(|watcher| watcher != node) {
            return NEVER;
        }
        feed.watcher = Some(node);
        feed.watched = feed.when;
        feed.when
    }

    /// `node` has left the line. The G returned is to be readied after unlocking (Who Leaves
    /// Passes On).
    #[must_use = "the G sleeps until somebody readies it"]
    pub(crate) fn pass_on(&mut self, node: NonNull<Sudog>) -> Option<GRef> {
        let feed = self.feed.as_deref_mut()?;
        if feed.watcher.is_some_and(|watcher| watcher != node) {
            return None;
        }
        feed.watcher = None; // or nobody watched: it was on its way here to do so
        self.time_out_first()
    }

    /// From now on a value is due at `when`, and one every `period` after it (0: only one). True
    /// if one was still to come; and who is to be readied after unlocking, to look again.
    fn set_feed(&mut self, when: u64, period: u64) -> (bool, Option<GRef>) {
        self.race.sets();
        let Some(feed) = self.feed.as_deref_mut() else { return (false, None) };
        let pending = feed.when != NEVER;
        (feed.when, feed.period) = (when, period);
        // Watched Is Early; and nobody is to sleep until a time that means nothing any more, as
        // that would hide a deadlock (SEMANTICS H4).
        let stale = when < feed.watched || (when == NEVER && feed.watched != NEVER);
        let Some(watcher) = feed.watcher.filter(|_| stale) else { return (pending, None) };
        // SAFETY: One Watches: it is in the line. None: it is on its way to this lock.
        (pending, unsafe { watcher.as_ref() }.time_out())
    }
}

/// The time on the clock that fills a channel: of the bubble it was made in, which is the current G's.
fn clock(bubbled: bool) -> u64 {
    if bubbled { gopark::now() } else { nanotime() }
}

/// A receive that must wait for the clock, or for `limit`: `Done`, or `Pending` at the limit.
///
/// # Safety
///
/// Slots Fit; `held` is `core`, locked inside `section`, and the place at `slot` is free.
#[cold]
#[inline(never)]
pub(crate) unsafe fn wait(
    section: Section,
    held: Held<'_>,
    core: &Core,
    slot: *mut (),
    limit: u64,
) -> Outcome {
    held.unlock();
    drop(section);
    let (mut section, mut held) = (gopark::enter_timed(), core.lock());
    // SAFETY: the caller's promise. The channel was unlocked in between.
    if matches!(unsafe { held.state().feed_step(slot) }, Step::Done) {
        held.unlock();
        section.leave_at_switch_point();
        return Outcome::Done;
    }
    let g = section.current();
    let mut ticket = g.wait().open();
    let node = Sudog::contested(g, ticket, slot, held.address() | TIMED);
    let place = NonNull::from(&node);
    // SAFETY: the node is taken out below, before this frame ends.
    unsafe { held.enqueue(Side::Recv, place) };
    loop {
        let limit = held.state().limit(limit);
        let deadline = held.state().watch(place).min(limit);
        let reason = held.state().reason(Side::Recv);
        let commit = held.into_commit();
        // Who claims it does so in the clock's name, in any case.
        let _ = section.park_until(reason, commit, ticket, deadline);
        drop(section);
        (section, held) = (gopark::enter_timed(), core.lock());
        // SAFETY: the caller's promise.
        let done = unsafe { held.state().take_due(slot) };
        if done || is_over(&section, limit) {
            // SAFETY: it is our node, and this is its line.
            unsafe { held.remove(Side::Recv, place) };
            let next = held.state().pass_on(place);
            held.unlock();
            if let Some(g) = next {
                section.ready(g);
            }
            section.leave_at_switch_point();
            return if done { Outcome::Done } else { Outcome::Pending };
        }
        ticket = g.wait().open();
        node.contest(ticket);
    }
}

/// True if a wait until `limit` that was ended by the clock, or by somebody in its name, is over.
pub(crate) fn is_over(section: &Section, limit: u64) -> bool {
    (limit != NEVER && gopark::now() >= limit) || section.is_interrupted()
}

/// The handle by which the clock's side of a channel is set.
///
/// Clones name the same channel. The default is no channel: a zero timer's.
pub struct Clocked<T>(RecvOnly<T>);

impl<T> Clocked<T> {
    /// A channel on which nothing is due yet, of values made by `S`.
    pub fn new<S: Stamp<T>>(when: u64, period: u64) -> Self {
        unsafe fn put<T, S: Stamp<T>>(slot: *mut (), when: u64) {
            // SAFETY: Slots Fit: the caller's place is for this channel's element.
            unsafe { slot.cast::<T>().write(S::at(when)) };
        }
        let (watcher, watched) = (None, NEVER);
        let feed = Feed { when, period, put: put::<T, S>, watcher, watched };
        let this = Self(RecvOnly(Chan(Some(Arc::new(Hchan::fed(feed))))));
        if gaggle_race::ON {
            this.set(when, period);
        }
        this
    }

    /// No channel.
    pub const fn nil() -> Self {
        Self(RecvOnly::nil())
    }

    /// True if there is no channel.
    pub const fn is_nil(&self) -> bool {
        self.0.is_nil()
    }

    /// From now on a value is due at `when` ([`NEVER`]: none), and one every `period` after it (0:
    /// only one). True if one was still to come. Nobody gets an earlier one once this returns, and
    /// those who wait follow.
    pub fn set(&self, when: u64, period: u64) -> bool {
        let Some(hchan) = self.0.0.hchan() else { return false };
        let mut section = gopark::enter();
        let mut held = hchan.core().lock();
        held.state().check_timer(if when == NEVER { "stop" } else { "reset" });
        let (pending, woken) = held.state().set_feed(when, period);
        held.unlock();
        if let Some(g) = woken {
            section.ready(g);
        }
        pending
    }

    /// The monotonic nanosecond, on the clock that fills it.
    pub fn clock(&self) -> u64 {
        clock(self.0.0.hchan().is_some_and(|hchan| hchan.core().is_bubbled()))
    }

    /// The side that users have.
    pub fn recv_only(&self) -> &RecvOnly<T> {
        &self.0
    }

    /// The same, for a clock that nobody will set.
    pub fn into_recv_only(self) -> RecvOnly<T> {
        self.0
    }
}

impl<T> Clone for Clocked<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Clocked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clocked").field(&PhantomData::<T>).finish()
    }
}
