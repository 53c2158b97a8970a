//! The passes of a select over any number of cases (SEMANTICS J7).
//!
//! 0. *Try*: in poll order, each case that looks ready without its lock is tried alone, under that
//!    one lock. What it finds ready it could have chosen with all locks held too: at that instant
//!    the case is ready, and the order is random. So a select that need not wait takes one lock,
//!    however many cases it has. Not for a biased one, whose choice says something about the
//!    cases before.
//! 1. *Look*: with all locks held, so the answer "none" is about one instant (I14, J11), take the
//!    first case in poll order that can be done.
//! 2. *Enqueue*: none can; put a node into each channel's line, all with one ticket, and park. The
//!    commit of the park unlocks all.
//! 3. *Dequeue*: somebody claimed the ticket with one node; the others are taken out of their
//!    lines, each under its channel's lock (*All Were Free*, in `order.rs`).
//!
//! A receive from a channel that the clock fills makes the wait a timed one (`fed.rs`).
//!
//! The steps are those of plain sends and receives. A select cannot meet itself (J6): its own
//! nodes enter the lines only after the look.

use super::fed::{self, Waited};
use super::order::{Locks, poll_order};
use super::{Case, Order};
use crate::bubbled;
use crate::chan::{Core, Held};
use crate::step::Step;
use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, Commit, Section, Ticket, Wake};
use gaggle_sudog::{Outcome, Sudog, seen::TIMED};

/// Whether a select waits if nothing can be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Block,
    /// Until this instant.
    Until(u64),
    Poll,
}

impl Mode {
    /// What its nodes say of the clock.
    fn clock(self) -> usize {
        if matches!(self, Mode::Until(_)) { TIMED } else { 0 }
    }
}

/// The memory a select works in: one of each per case, all on the caller's stack or its own.
pub(super) struct Room<'a> {
    pub(super) polled: &'a mut [u16],
    pub(super) locks: &'a mut [*const Core],
    pub(super) nodes: &'a mut [MaybeUninit<Sudog>],
    /// Where cases that have no place for their outcome learn which of them is done, before user code is
    /// called (*Settled First*).
    pub(super) settled: Option<&'a Cell<Option<usize>>>,
}

/// Says in `settled`, if there is such a place, that the case `index` is done.
fn settle(settled: Option<&Cell<Option<usize>>>, index: usize) {
    if let Some(settled) = settled {
        settled.set(Some(index));
    }
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
    let watches_clock = match try_each(cases, polled, order, mode, room.settled) {
        Tried::Done(done) => return Some(done),
        Tried::Fed => true,
        Tried::Nothing => false,
    };
    let locks = Locks::new(cases, room.locks);
    let mut timed = matches!(mode, Mode::Until(_));
    loop {
        let section = if timed { gopark::enter_timed() } else { gopark::enter() };
        locks.lock();
        let Some((index, step)) = look(cases, polled) else {
            if mode == Mode::Poll || !watches_clock {
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
        if !matches!(step, Step::Grow) {
            let settle = || settle(room.settled, index);
            return Some((index, cases[index].act(step, section, mode, settle)));
        }
        drop(section);
        cases[index].core?.grow(); // and what was looked at is old
    }
}

/// What came of pass 0.
enum Tried {
    /// A case could be done, and is.
    Done((usize, Outcome)),
    /// There is a channel that the clock fills: who watches the clock goes the whole way (`fed.rs`).
    Fed,
    /// None was ready.
    Nothing,
}

/// Pass 0: the first case that can be done, done. A biased select only asks about the clock.
#[inline]
fn try_each(
    cases: &[Case<'_>],
    polled: &[u16],
    order: Order,
    mode: Mode,
    settled: Option<&Cell<Option<usize>>>,
) -> Tried {
    if order == Order::Source {
        return if fed::is_among(cases) { Tried::Fed } else { Tried::Nothing };
    }
    for index in polled.iter().copied().map(usize::from) {
        let case = &cases[index];
        let Some(core) = case.core else { continue };
        let seen = core.look();
        if seen.fed() {
            return Tried::Fed;
        }
        if case.would_wait(core, seen) {
            continue;
        }
        let section = gopark::enter();
        let mut held = core.lock();
        // SAFETY: Slots Fit: a case is made with a slot of its channel's type.
        let step = unsafe { case.step(held.state()) };
        held.unlock();
        if !matches!(step, Step::Wait | Step::Grow) {
            let settle = || settle(settled, index);
            return Tried::Done((index, case.act(step, section, mode, settle)));
        }
    }
    Tried::Nothing
}

/// Pass 1: the first case that can be done, decided.
fn look(cases: &[Case<'_>], polled: &[u16]) -> Option<(usize, Step)> {
    polled.iter().find_map(|&index| {
        let index = usize::from(index);
        let case = &cases[index];
        let core = case.core?;
        if case.would_wait(core, core.look()) {
            return None; // under the lock the word is exact (Held Publishes)
        }
        // SAFETY: `select` holds all locks, and uses one `Held` at a time.
        let mut held = unsafe { core.held() };
        // SAFETY: Slots Fit: a case is made with a slot of its channel's type.
        let step = unsafe { case.step(held.state()) };
        held.stay_locked();
        (!matches!(step, Step::Wait)).then_some((index, step))
    })
}

/// Passes 2 and 3, unless the mode is `Poll`: waits for a partner; all locks are held, and given
/// back. Part of `select`: one frame less on a stack that another goroutine's will follow.
#[inline(always)]
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
    let (nodes, ticket) = enqueue(&section, cases, polled, nodes, mode.clock());
    let commit = match locks.is_empty() {
        true => Commit::none(), // all nil (J4)
        // SAFETY: all are held; All Were Free: `dequeue` comes below.
        false => unsafe { locks.commit() },
    };
    let reason = bubbled::select_reason(cases);
    let wake = match mode {
        Mode::Until(deadline) => {
            let deadline = bubbled::limit(reason, deadline);
            section.park_until(reason, commit, ticket, deadline)
        }
        _ => {
            section.park(reason, commit);
            Wake::Woken
        }
    };
    let winner = dequeue(cases, polled, nodes, Core::lock, Held::unlock);
    section.leave_at_switch_point();
    if winner.is_none() && wake == Wake::Woken {
        gaggle_prim::throw!("select: woken by nobody");
    }
    winner
}

/// Pass 2: a node for each case, into its channel's line. In poll order, so that a channel named
/// twice serves either case with the same chance (J2). `clock` is `TIMED` if it may end the wait.
#[inline(always)]
pub(super) fn enqueue<'n>(
    section: &Section,
    cases: &[Case<'_>],
    polled: &[u16],
    nodes: &'n mut [MaybeUninit<Sudog>],
    clock: usize,
) -> (&'n [MaybeUninit<Sudog>], Ticket) {
    let g = section.current();
    let ticket = g.wait().open();
    for index in polled.iter().copied().map(usize::from) {
        let case = &cases[index];
        let Some(core) = case.core else { continue };
        let object = core::ptr::from_ref(core).addr() | clock;
        let node = nodes[index].write(Sudog::contested(g, ticket, case.slot, object));
        let node = NonNull::from(node);
        // SAFETY: `select` holds all locks, and uses one `Held` at a time.
        let mut held = unsafe { core.held() };
        // SAFETY: the node stays in the room until `dequeue`.
        unsafe { held.enqueue(case.side, node) };
        held.stay_locked();
    }
    let nodes = &*nodes; // shared from here on, with whoever takes a node
    (nodes, ticket)
}

/// Pass 3: all nodes out of their lines; says which one was taken, and how.
///
/// A node that was not taken is looked for under its channel's lock, which `hold` gets and `release`
/// gives back, one after the other. The one that was taken is the caller's already (*Dequeued Is
/// Ours*, and its taker readied us).
pub(super) fn dequeue<'c>(
    cases: &[Case<'c>],
    polled: &[u16],
    nodes: &[MaybeUninit<Sudog>],
    hold: impl Fn(&'c Core) -> Held<'c>,
    release: impl Fn(Held<'c>),
) -> Option<(usize, Outcome)> {
    let mut winner = None;
    for index in polled.iter().copied().map(usize::from) {
        let case = &cases[index];
        let Some(core) = case.core else { continue };
        // SAFETY: `enqueue` wrote one for each case that has a channel.
        let node = unsafe { nodes[index].assume_init_ref() };
        match node.outcome() {
            Outcome::Pending => {
                let mut held = hold(core);
                // SAFETY: it is our node, and this was its line.
                unsafe { held.remove(case.side, NonNull::from(node)) };
                release(held);
            }
            taken => winner = Some((index, taken)),
        }
    }
    winner
}
