//! The three passes of a select over any number of cases (SEMANTICS J7).
//!
//! 1. *Look*: with all locks held, so the answer is about one instant (I14, J11), take the first
//!    case in poll order that can be done.
//! 2. *Enqueue*: none can; put a node into each channel's line, all with one ticket, and park. The
//!    commit of the park unlocks all.
//! 3. *Dequeue*: somebody claimed the ticket with one node; with all locks held again, take the
//!    others out of their lines.
//!
//! A receive from a channel that the clock fills makes the wait a timed one (`fed.rs`).
//!
//! The steps are those of plain sends and receives. A select cannot meet itself (J6): its own
//! nodes enter the lines only after the look.

use super::fed::{self, Waited};
use super::order::{Locks, poll_order};
use super::{Case, Order};
use crate::chan::{Core, Side};
use crate::step::Step;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, Commit, Section, Ticket, WaitReason, Wake};
use gaggle_sudog::{Outcome, Sudog};

/// Whether a select waits if nothing can be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Block,
    /// Until this instant.
    Until(u64),
    Poll,
}

/// The memory a select works in: one of each per case, all on the caller's stack or its own.
pub(super) struct Room<'a> {
    pub(super) polled: &'a mut [u16],
    pub(super) locks: &'a mut [*const Core],
    pub(super) nodes: &'a mut [MaybeUninit<Sudog>],
}

/// Does exactly one of `cases` and says which, and how it ended; none only if it may not wait, or
/// not longer.
pub(super) fn select<'a>(
    cases: &[Case<'a>],
    room: Room<'a>,
    order: Order,
    mode: Mode,
) -> Option<(usize, Outcome)> {
    let polled = poll_order(order, cases, room.polled);
    let locks = Locks::new(cases, room.locks);
    let mut timed = matches!(mode, Mode::Until(_));
    loop {
        let mut section = if timed { gopark::enter_timed() } else { gopark::enter() };
        locks.lock();
        let Some((index, step)) = look(cases, polled) else {
            if mode == Mode::Poll || !fed::is_among(cases) {
                return wait(section, cases, polled, &locks, room.nodes, mode);
            }
            match fed::wait(section, cases, polled, &locks, room.nodes, mode) {
                Waited::Ended(answer) => return answer,
                Waited::Again => timed = true,
            }
            continue;
        };
        // SAFETY: locked above.
        unsafe { locks.unlock() };
        if matches!(step, Step::Grow) {
            drop(section);
            cases[index].core?.grow();
            continue; // what was looked at is old
        }
        let (outcome, after) = cases[index].act(step, &mut section);
        match mode {
            Mode::Poll => drop(section), // never switches
            _ => section.leave_at_switch_point(),
        }
        after.run(cases[index].core?);
        return Some((index, outcome));
    }
}

/// Pass 1: the first case that can be done, decided.
fn look(cases: &[Case<'_>], polled: &[u16]) -> Option<(usize, Step)> {
    polled.iter().find_map(|&index| {
        let index = usize::from(index);
        let case = &cases[index];
        let core = case.core?;
        // SAFETY: `select` holds all locks, and uses one `Held` at a time.
        let mut held = unsafe { core.held() };
        let state = held.state();
        let step = match case.side {
            // SAFETY: Slots Fit: a case is made with a slot of its channel's type, full.
            Side::Send => unsafe { state.send_step(core.elem(), case.slot) },
            // SAFETY: as above, free.
            Side::Recv => unsafe { state.recv_step(core.elem(), case.slot) },
        };
        held.stay_locked();
        (!matches!(step, Step::Wait)).then_some((index, step))
    })
}

/// Passes 2 and 3, unless the mode is `Poll`: waits for a partner; all locks are held, and given
/// back.
#[inline(never)]
fn wait(
    mut section: Section,
    cases: &[Case<'_>],
    polled: &[u16],
    locks: &Locks<'_>,
    nodes: &mut [MaybeUninit<Sudog>],
    mode: Mode,
) -> Option<(usize, Outcome)> {
    if mode == Mode::Poll {
        // SAFETY: `select` locked them.
        unsafe { locks.unlock() };
        return None;
    }
    let (nodes, ticket) = enqueue(&section, cases, polled, nodes);
    let commit = match locks.is_empty() {
        true => Commit::none(), // all nil (J4)
        // SAFETY: all are held, and taken again below, before this frame and its caller's end.
        false => unsafe { locks.commit() },
    };
    let wake = match mode {
        Mode::Until(deadline) => section.park_until(WaitReason::Select, commit, ticket, deadline),
        _ => {
            section.park(WaitReason::Select, commit);
            Wake::Woken
        }
    };
    locks.lock();
    let winner = dequeue(cases, polled, nodes);
    // SAFETY: locked above.
    unsafe { locks.unlock() };
    section.leave_at_switch_point();
    if winner.is_none() && wake == Wake::Woken {
        gaggle_prim::throw!("select: woken by nobody");
    }
    winner
}

/// Pass 2: a node for each case, into its channel's line. In poll order, so that a channel named
/// twice serves either case with the same chance (J2).
pub(super) fn enqueue<'n>(
    section: &Section,
    cases: &[Case<'_>],
    polled: &[u16],
    nodes: &'n mut [MaybeUninit<Sudog>],
) -> (&'n [MaybeUninit<Sudog>], Ticket) {
    let g = section.current();
    let ticket = g.wait().open();
    for (index, (case, node)) in cases.iter().zip(&mut *nodes).enumerate() {
        node.write(Sudog::contested(g, ticket, case.slot, index));
    }
    let nodes = &*nodes; // shared from here on, with whoever takes a node
    for index in polled.iter().copied().map(usize::from) {
        let case = &cases[index];
        let Some(core) = case.core else { continue };
        // SAFETY: written above.
        let node = unsafe { nodes[index].assume_init_ref() };
        // SAFETY: `select` holds all locks, and uses one `Held` at a time.
        let mut held = unsafe { core.held() };
        // SAFETY: the node stays in the caller's caller's frame until `dequeue`.
        unsafe { held.enqueue(case.side, NonNull::from(node)) };
        held.stay_locked();
    }
    (nodes, ticket)
}

/// Pass 3: all nodes out of their lines; says which one was taken, and how.
pub(super) fn dequeue(
    cases: &[Case<'_>],
    polled: &[u16],
    nodes: &[MaybeUninit<Sudog>],
) -> Option<(usize, Outcome)> {
    let mut winner = None;
    for index in polled.iter().copied().map(usize::from) {
        let case = &cases[index];
        let Some(core) = case.core else { continue };
        // SAFETY: `enqueue` wrote one for each case.
        let node = unsafe { nodes[index].assume_init_ref() };
        match node.outcome() {
            Outcome::Pending => {
                // SAFETY: `select` holds all locks, and uses one `Held` at a time.
                let mut held = unsafe { core.held() };
                // SAFETY: it is our node, and this was its line.
                unsafe { held.remove(case.side, NonNull::from(node)) };
                held.stay_locked();
            }
            taken => winner = Some((index, taken)),
        }
    }
    winner
}
