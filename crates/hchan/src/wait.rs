//! To wait on one side of one channel: for ever, or until a deadline; and on the nil channel.
//!
//! The node lives in these frames while it stands in a line. A parked G never unwinds (*Never
//! Dropped*), and each function returns only after its node has left the line, so *Link Valid*
//! holds.

use crate::after::After;
use crate::chan::{Core, Held, Side};
use crate::feed;
use crate::step::Step;
use core::ptr::NonNull;
use core::time::Duration;
use gaggle_gopark::{self as gopark, Commit, Section, Wake};
use gaggle_sudog::{Outcome, Sudog, seen::TIMED};

/// The end of a blocking operation that met somebody, or nobody ever: acts on `step`. `Done` or `Closed`.
///
/// # Safety
///
/// Slots Fit; `step` was made with `slot` on this channel, in this section, and the lock was given back.
#[inline(never)]
pub(crate) unsafe fn act(
    mut section: Section,
    core: &Core,
    step: Step,
    side: Side,
    slot: *mut (),
) -> Outcome {
    if step.is_of_unbounded() {
        drop(section);
        // SAFETY: the caller's promise.
        let outcome = unsafe { core.act_of_unbounded(step, side, slot) };
        gopark::switch_point();
        return outcome;
    }
    // SAFETY: the caller's promise.
    let (outcome, after) = unsafe { step.act(core.elem(), slot, &mut section) };
    section.leave_at_switch_point();
    after.run(core);
    outcome
}

impl Core {
    /// The end of an operation that does not wait and met somebody, or nobody: acts on `step`.
    /// Never switches.
    ///
    /// # Safety
    ///
    /// Slots Fit; `step` was made with `slot` on this channel, in this section, and the lock was
    /// given back.
    #[inline(never)]
    pub(crate) unsafe fn act_now(
        &self,
        mut section: Section,
        step: Step,
        side: Side,
        slot: *mut (),
    ) -> Outcome {
        if step.is_of_unbounded() {
            drop(section);
            // SAFETY: the caller's promise.
            return unsafe { self.act_of_unbounded(step, side, slot) };
        }
        // SAFETY: the caller's promise.
        let (outcome, after) = unsafe { step.act(self.elem(), slot, &mut section) };
        drop(section);
        after.run(self);
        outcome
    }

    /// What only unbounded channels answer: there is no partner, the section is closed already.
    ///
    /// # Safety
    ///
    /// As for [`act_now`](Self::act_now).
    #[cold]
    #[inline(never)]
    pub(crate) unsafe fn act_of_unbounded(&self, step: Step, side: Side, slot: *mut ()) -> Outcome {
        match step {
            Step::Over(values) => After::report(values).run(self),
            Step::Emptied(chain) => After::free(chain).run(self),
            _ => {
                debug_assert_eq!(side, Side::Send, "only a send asks for room");
                self.grow();
                // SAFETY: the caller's promise. An unbounded channel never makes a send wait.
                return unsafe { self.try_send(self.elem(), slot) };
            }
        }
        Outcome::Done
    }
}

/// Waits until somebody takes the node: `Done` or `Closed`.
///
/// # Safety
///
/// Slots Fit; the caller locked `core` inside `section` and passed it on.
#[inline(never)]
pub(crate) unsafe fn wait(mut section: Section, core: &Core, side: Side, slot: *mut ()) -> Outcome {
    // SAFETY: the caller's promise.
    let mut held = unsafe { core.held() };
    if core.is_fed() {
        // SAFETY: the caller's promise.
        return unsafe { feed::wait(section, held, core, slot, feed::NEVER) };
    }
    let node = Sudog::about(section.current(), slot, held.address());
    // SAFETY: the node leaves the line before this frame ends: only a dequeue ends the wait.
    unsafe { held.enqueue(side, NonNull::from(&node)) };
    let reason = held.state().reason(side);
    section.park(reason, held.into_commit());
    section.leave_at_switch_point();
    node.outcome()
}

/// Waits until somebody takes the node, or until `deadline`: then `Pending`.
///
/// # Safety
///
/// Slots Fit; `held` is `core`, locked inside `section`, which came from `enter_timed`.
#[cold]
#[inline(never)]
pub(crate) unsafe fn wait_until(
    mut section: Section,
    mut held: Held<'_>,
    core: &Core,
    side: Side,
    slot: *mut (),
    deadline: u64,
) -> Outcome {
    if core.is_fed() {
        // SAFETY: the caller's promise. A time beyond the clock's range never comes.
        return unsafe { feed::wait(section, held, core, slot, deadline) };
    }
    let g = section.current();
    let ticket = g.wait().open();
    let node = Sudog::contested(g, ticket, slot, held.address() | TIMED);
    // SAFETY: the node leaves the line before this frame ends: dequeued by the winner, or below.
    unsafe { held.enqueue(side, NonNull::from(&node)) };
    let (reason, deadline) = (held.state().reason(side), held.state().limit(deadline));
    let commit = held.into_commit();
    if section.park_until(reason, commit, ticket, deadline) == Wake::TimedOut {
        let mut held = core.lock();
        // SAFETY: it is our node, and this was its line.
        unsafe { held.remove(side, NonNull::from(&node)) };
        held.unlock();
    }
    section.leave_at_switch_point();
    node.outcome()
}

/// Waits on the nil channel: for ever (SEMANTICS I2).
#[cold]
#[inline(never)]
pub(crate) fn nil(side: Side) -> ! {
    let mut section = gopark::enter();
    loop {
        section.park(side.nil_reason(), Commit::none());
    }
}

/// Waits on the nil channel until `deadline`.
#[cold]
#[inline(never)]
pub(crate) fn nil_until(side: Side, deadline: u64) {
    let mut section = gopark::enter_timed();
    let ticket = section.current().wait().open();
    match section.park_until(side.nil_reason(), Commit::none(), ticket, deadline) {
        Wake::TimedOut => section.leave_at_switch_point(),
        Wake::Woken => gaggle_prim::throw!("nil channel: somebody had the ticket"),
    }
}

/// The instant `timeout` from now, on the clock of parks.
pub(crate) fn deadline(timeout: Duration) -> u64 {
    let nanos = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
    gopark::now().saturating_add(nanos)
}
