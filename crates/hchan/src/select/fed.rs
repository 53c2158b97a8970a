//! The cases of a select that receive from channels that the clock fills (`feed.rs`).
//!
//! Every function here is called with all locks of the select held, and uses one `Held` at a time.

use super::Case;
use super::order::Locks;
use super::pass::{Mode, dequeue, enqueue};
use crate::bubbled;
use crate::chan::{Core, Held, Side};
use crate::feed::{NEVER, is_over};
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use gaggle_gopark::{GQueue, Section, WaitReason, Wake};
use gaggle_sudog::{Outcome, Sudog, seen::TIMED};

/// How a wait ended.
pub(super) enum Waited {
    /// With this answer of the select's.
    Ended(Option<(usize, Outcome)>),
    /// Not at all: look again, in a section that has room for a timer.
    Again,
}

/// True if a select has such cases.
pub(super) fn is_among(cases: &[Case<'_>]) -> bool {
    cases.iter().any(|case| core_of(case).is_some())
}

/// Passes 2 and 3: waits for a partner or for the clock; all locks are held, and given back. Woken by
/// the clock, or by somebody who has set it, the select takes what is due, or begins anew.
#[cold]
#[inline(never)]
pub(super) fn wait(
    mut section: Section,
    cases: &[Case<'_>],
    polled: &[u16],
    locks: &Locks<'_>,
    nodes: &mut [MaybeUninit<Sudog>],
    mode: Mode,
) -> Waited {
    if !section.has_timer_room() {
        // SAFETY: `select` locked them.
        unsafe { locks.unlock() };
        return Waited::Again;
    }
    let limit = if let Mode::Until(limit) = mode { limit } else { NEVER };
    let (nodes, ticket) = enqueue(&section, cases, polled, nodes, TIMED);
    let reason = bubbled::select_reason(cases);
    let limit = bubbled::limit(reason, limit);
    let deadline = watch(cases, nodes, reason).min(limit);
    // SAFETY: all are held, and taken again below, before this frame and its caller's end.
    let commit = unsafe { locks.commit() };
    let wake = section.park_until(reason, commit, ticket, deadline);
    locks.lock();
    let due = if wake == Wake::TimedOut { take_due(cases, polled) } else { None };
    // SAFETY: all locks are held, and one `Held` at a time is used.
    let hold = |core| unsafe { Core::held(core) };
    let winner = dequeue(cases, polled, nodes, hold, Held::stay_locked).or(due);
    let mut woken = pass_on(cases, nodes);
    // SAFETY: locked above.
    unsafe { locks.unlock() };
    while let Some(g) = woken.pop_front() {
        section.ready(g);
    }
    let over = winner.is_some() || is_over(&section, limit);
    section.leave_at_switch_point();
    if winner.is_none() && wake == Wake::Woken {
        gaggle_prim::throw!("select: woken by nobody");
    }
    if over { Waited::Ended(winner) } else { Waited::Again }
}

/// The channel of such a case.
fn core_of<'a>(case: &Case<'a>) -> Option<&'a Core> {
    case.core.filter(|core| case.side == Side::Recv && core.is_fed())
}

/// Does `visit` with the channel and the node of each such case.
fn each(
    cases: &[Case<'_>],
    nodes: &[MaybeUninit<Sudog>],
    mut visit: impl FnMut(&mut Held<'_>, NonNull<Sudog>),
) {
    for (case, node) in cases.iter().zip(nodes) {
        let Some(core) = core_of(case) else { continue };
        // SAFETY: the select holds all locks.
        let mut held = unsafe { core.held() };
        // SAFETY: the select has written one for each case that has a channel.
        visit(&mut held, NonNull::from(unsafe { node.assume_init_ref() }));
        held.stay_locked();
    }
}

/// All nodes are in their lines: until when the select, which waits for `reason`, may sleep. If that is
/// not durable, a bubble's clock stands still, and its channels need no watching.
fn watch(cases: &[Case<'_>], nodes: &[MaybeUninit<Sudog>], reason: WaitReason) -> u64 {
    let mut deadline = NEVER;
    each(cases, nodes, |held, node| {
        let when = held.state().watch(node);
        if reason == WaitReason::SelectDurable || !held.state().is_bubbled() {
            deadline = deadline.min(when);
        }
    });
    deadline
}

/// The clock ended the wait: the first case in poll order that is due, done.
fn take_due(cases: &[Case<'_>], polled: &[u16]) -> Option<(usize, Outcome)> {
    polled.iter().copied().map(usize::from).find_map(|index| {
        let case = &cases[index];
        // SAFETY: the select holds all locks.
        let mut held = unsafe { core_of(case)?.held() };
        // SAFETY: Slots Fit: a case is made with a slot of its channel's type, free.
        let done = unsafe { held.state().take_due(case.slot) };
        held.stay_locked();
        done.then_some((index, Outcome::Done))
    })
}

/// All nodes have left their lines: who is to be readied after unlocking.
fn pass_on(cases: &[Case<'_>], nodes: &[MaybeUninit<Sudog>]) -> GQueue {
    let mut woken = GQueue::new();
    each(cases, nodes, |held, node| {
        if let Some(g) = held.state().pass_on(node) {
            woken.push_back(g);
        }
    });
    woken
}
