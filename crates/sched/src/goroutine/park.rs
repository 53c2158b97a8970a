//! The scheduler as host: what parking and readiness mean for a goroutine.

use crate::goroutine::switch::{self, Swap};
use crate::goroutine::{departed::Departed, g::Goroutine, pin, spawn};
use crate::machine::{m::M, p::P};
use crate::preempt::{obey, suspend};
use crate::round::{backlog::inject_of, timers, wakeup};
use crate::state::SCHED;
use crate::view::watch;
use gaggle_gopark::{Commit, GQueue, GRef, Host, Parking, Section, Ticket};
use gaggle_lock::nanotime;

/// The host of every goroutine.
pub(crate) static HOST: Host = Host {
    name: "sched",
    park,
    ready,
    ready_many,
    yield_now,
    has_timer_room: timers::has_room,
    make_timer_room: timers::make_room,
    spawn: spawn::spawn,
    now: |_| gaggle_lock::nanotime(),
    can_spin,
    obey: obey::obey,
    wait_in_line,
    regain: switch::regain,
};

fn park(section: &mut Section, parking: Parking) {
    let g = section.current();
    let Parking { commit, deadline, reason: _ } = parking;
    match deadline {
        None => switch::leave(section, Goroutine::of(g), || Departed::Parked(g, commit)),
        Some(deadline) => park_until(section, g, commit, deadline),
    }
}

/// In a function of its own: what it keeps for the clock is nothing to those who wait without one.
#[inline(never)]
fn park_until(section: &mut Section, g: GRef, commit: Commit, (ticket, when): (Ticket, u64)) {
    let departed = || Departed::ParkedUntil(g, commit, ticket, when);
    switch::leave(section, Goroutine::of(g), departed);
}

/// Behind everybody (SEMANTICS A13), or behind those whose time has come if it is one of them and was asked
/// to yield before it could go on; at once if there is nobody.
fn yield_now(section: &mut Section) {
    let g = section.current();
    stand_back(section, || Departed::Preempted(g));
}

/// The same of one that wants it: as long as the global queue is empty it stays with its P.
pub(crate) fn gosched(section: &mut Section) {
    let g = section.current();
    g.wait().forget_time_out(); // it yields of its own will
    stand_back(section, || Departed::Yielded(g));
}

#[inline(always)]
fn stand_back(section: &mut Section, departed: impl FnOnce() -> Departed) {
    let m = M::on(section);
    let Some(p) = m.p() else { return section.regain() };
    let alone = p.runq.is_empty_here();
    if alone {
        p.tick(); // else it is for the next one to begin a slice, or to share this (SEMANTICS E3)
    }
    timers::look_at_the_clock_next(p);
    let g = section.current();
    let was_due = g.wait().was_timed_out();
    if alone && !was_due && !switch::looks_elsewhere(p) {
        match switch::swap(section, m, g) {
            Swap::Done => return,
            Swap::NotHere => {}
        }
    }
    switch::leave(section, Goroutine::of(g), departed);
}

/// A woken G becomes runnext of the waker's P (SEMANTICS E11); without a P it goes to the global
/// queue (E16).
#[inline]
pub(crate) fn ready(section: &mut Section, g: GRef) {
    let p = M::of(section).and_then(M::p);
    make_ready(p, g, inject_of);
}

/// As [`ready`], of those at the front of `rest` too that are of this host. Where each would be put through runnext
/// and pushed on by the next one, all but the last go straight to the ring: one read-modify-write and one look at the
/// wake word serve for all.
fn ready_many(section: &mut Section, g: GRef, rest: &mut GQueue) {
    let (p, mut last) = (M::of(section).and_then(M::p), g);
    if let Some(p) = p {
        while rest.first().is_some_and(|next| core::ptr::eq(next.host(), &raw const HOST)) {
            let Some(next) = rest.pop_front() else { break };
            ready_behind(p, core::mem::replace(&mut last, next));
        }
    }
    if Goroutine::of(last).home().is_some() {
        wakeup::injected(); // it goes its own way, which tells nobody of the others
    }
    make_ready(p, last, inject_of);
}

/// Puts `g` where a [`ready`] leaves it that is followed by another. Who publishes the last one submits this one too.
#[inline]
fn ready_behind(p: &'static P, g: GRef) {
    if let Some(g) = end_wait(Some(p), g)
        && let Some(mut overflow) = p.runq.put_behind(g)
    {
        inject_of(p, &mut overflow);
    }
}

/// As [`ready`], of one whose time has come: if the ring overflows, what it had no room for goes before all
/// that stand on the global queue.
#[inline]
pub(crate) fn ready_due(section: &mut Section, g: GRef) {
    match M::of(section).and_then(M::p) {
        Some(p) => make_ready(Some(p), g, inject_due),
        None => ready_urgent(g),
    }
}

/// As those whose descriptors are ready where no P is idle: who rings without a P does so because all are busy, and their
/// queues may be long.
#[cold]
#[inline(never)]
fn ready_urgent(g: GRef) {
    let Some(g) = end_wait(None, g) else { return };
    let mut one = GQueue::new();
    one.push_back(g);
    SCHED.lock().backlog.push_urgent(&mut one, nanotime());
    wakeup::injected();
}

#[cold]
#[inline(never)]
fn inject_due(_: &P, overflow: &mut GQueue) {
    SCHED.lock().backlog.push_due(overflow);
    wakeup::injected();
}

#[inline(always)]
fn make_ready(p: Option<&'static P>, g: GRef, overflows: impl FnOnce(&P, &mut GQueue)) {
    let Some(g) = end_wait(p, g) else { return };
    match p {
        Some(p) => {
            if let Some(mut overflow) = p.runq.put_next(g) {
                overflows(p, &mut overflow);
            }
            wakeup::submitted();
        }
        None => SCHED.inject_one(g),
    }
}

/// `g` is `Runnable`, and to be put on a queue; none if a P was sent to its thread instead.
#[inline(always)]
fn end_wait(p: Option<&'static P>, g: GRef) -> Option<GRef> {
    let goroutine = Goroutine::of(g);
    watch::readied(p, goroutine);
    goroutine.context.get().prefetch(); // it is off its stack, and ours: we end its wait
    g.status().ready();
    if goroutine.home().is_some() {
        pin::ready(g);
        return None;
    }
    Some(g)
}

/// The M comes in while it stands in line: the signal that was to stop it has not found it outside.
/// Here is as good a place: a goroutine that enters the runtime all the time, and never switches,
/// would compute beside the Ps for ever.
fn wait_in_line(section: &Section) {
    suspend::wait_in_line(M::on(section));
}

/// K5: another P is running and this one has nothing else to do.
fn can_spin(section: &Section) -> bool {
    let Some(p) = M::of(section).and_then(M::p) else { return false };
    let busy = SCHED.procs().saturating_sub(SCHED.wake.idle_ps() + SCHED.wake.spinning());
    SCHED.procs() > 1 && busy > 1 && p.runq.is_empty_here()
}
