//! The scheduler and the clock: timers are added by the owner of a P and run by whoever passes.

use crate::boot;
use crate::goroutine::park;
use crate::machine::m::{M, Spinning};
use crate::machine::p::P;
use crate::round::{later, wakeup};
use crate::state::SCHED;
use crate::view::trace::{self, Kind};
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{self as gopark, Claim, GRef, Section, Ticket};
use gaggle_lock::{monotonic, nanotime};
use gaggle_prim::throw;
use gaggle_timer::{Batch, Due, NEVER, NoRoom, Timers};

/// Switches between two looks at the clock while a timer is pending: reading it costs as much as
/// several switches.
const CLOCK_SKIPS: u32 = 8;

/// True if the clock says, every so often, that a timer of this P is due. Owner only.
#[inline]
pub(crate) fn may_be_due(p: &P) -> bool {
    let earliest = p.timers.earliest();
    if earliest == NEVER {
        return false;
    }
    let skips = p.owned.clock_skips.get() + 1;
    p.owned.clock_skips.set(skips % CLOCK_SKIPS);
    skips == CLOCK_SKIPS && nanotime() >= earliest
}

/// Runs what is due in the heap of a P.
pub(crate) fn run_due(section: &mut Section, timers: &Timers) {
    if timers.earliest() != NEVER {
        run_until(section, timers, nanotime());
    }
}

/// Runs what is due of plain threads: by the kernel's clock, whoever looks. While a run is replayed, that is the monitor.
pub(crate) fn run_foreign(section: &mut Section) {
    if SCHED.foreign_timers.earliest() != NEVER {
        // Relaxed: before what is due is taken out under the heap's lock; who finds nothing under that lock sees it.
        FOREIGN_RUNNERS.fetch_add(1, Ordering::Relaxed);
        run_until(section, &SCHED.foreign_timers, monotonic());
        // Release: pairs with the Acquire in `any_foreign`: what was rung is where it belongs.
        FOREIGN_RUNNERS.fetch_sub(1, Ordering::Release);
    }
}

/// How many run what is due of plain threads just now: it may be in their hands.
static FOREIGN_RUNNERS: AtomicU32 = AtomicU32::new(0);

/// True if a timer of a plain thread is still to come, or is just being rung. What was rung is queued, or waits as
/// overdue, by the time this is false.
pub(crate) fn any_foreign() -> bool {
    // Acquire: pairs with the Release above.
    SCHED.foreign_timers.any_alive() || FOREIGN_RUNNERS.load(Ordering::Acquire) > 0
}

fn run_until(section: &mut Section, timers: &Timers, now: u64) {
    if timers.earliest() > now {
        return;
    }
    M::of(section).into_iter().for_each(|m| trace::of_m(m, Kind::Timers));
    let mut batch = Batch::new();
    while timers.earliest() <= now {
        timers.take_due(now, &mut batch);
        batch.drain().for_each(|due| ring(section, timers, due));
    }
}

/// A plain thread is woken as its own host does it.
fn ready(section: &mut Section, g: GRef) {
    if core::ptr::eq(g.host(), &raw const park::HOST) {
        park::ready_due(section, g);
    } else {
        section.ready(g);
    }
}

fn ring(section: &mut Section, timers: &Timers, due: Due) {
    match due {
        Due::Wait(g, ticket) => {
            if g.wait().claim(ticket, Claim::TimeOut) {
                ready(section, g);
            }
        }
        Due::Alarm(alarm, word) => later::ring(section, timers, alarm, word),
        Due::Call(call, arg) => call(arg),
    }
}

/// Runs what is due anywhere: other Ps may be busy with one goroutine, or gone.
pub(crate) fn run_all_due(section: &mut Section) {
    run_foreign(section);
    run_due_of_ps(section);
}

/// The same, but of plain threads.
pub(crate) fn run_due_of_ps(section: &mut Section) {
    SCHED.all_ps().for_each(|p| run_due(section, &p.timers));
}

/// The earliest deadline of all Ps: not of plain threads.
pub(crate) fn earliest_of_ps() -> u64 {
    SCHED.all_ps().map(|p| p.timers.earliest()).fold(NEVER, u64::min)
}

/// Adds the deadline of a parked G. The section of the park made sure that there is room. If this
/// M is `busy` with another goroutine and a P is idle, somebody is to sleep until then.
pub(crate) fn add_wait(p: &P, when: u64, g: GRef, ticket: Ticket, busy: bool) {
    match p.timers.add(when, Due::Wait(g, ticket)) {
        Ok(earliest) => {
            if earliest && busy {
                is_first_now(when);
            }
        }
        Err(NoRoom) => throw!("timer: a park found no room"),
    }
}

/// A deadline has become the first of a heap whose P has other things to do: one who sleeps, or is
/// about to, must know of it. Event *Earlier* (README.md).
pub(crate) fn is_first_now(when: u64) {
    if SCHED.wake.earlier_timer() {
        someone_must_wake_for(when);
    }
}

/// Before an M sleeps until the first deadline: not until one of a wait that has ended.
pub(crate) fn forget_the_dead() {
    SCHED.foreign_timers.earliest_alive();
    SCHED.all_ps().for_each(|p| _ = p.timers.earliest_alive());
}

/// A goroutine gave its time slice up: the next look at the queues looks at the clock too.
pub(crate) fn look_at_the_clock_next(p: &P) {
    p.owned.clock_skips.set(CLOCK_SKIPS - 1);
}

pub(crate) fn of(section: &Section) -> &'static Timers {
    match M::of(section).and_then(M::p) {
        Some(p) => &p.timers,
        None => &SCHED.foreign_timers,
    }
}

/// A goroutine without a P has no room: it must get one before it parks with a deadline.
pub(crate) fn has_room(section: &Section) -> bool {
    M::of(section).and_then(M::p).is_some_and(|p| p.timers.has_room())
}

/// What [`has_room`] found missing: a P, or memory.
pub(crate) fn make_room() {
    let mut section = gopark::enter();
    let Some(p) = M::of(&section).and_then(M::p) else { return section.regain() };
    drop(section);
    p.timers.grow(gopark::enter);
}

/// Calls `call(arg)` on the scheduler's stack once the monotonic nanosecond `when` has come.
///
/// # Safety
///
/// `call(arg)` is sound on any thread, once, at any later time; it does not block, allocate, free
/// or run user code.
pub unsafe fn call_at(when: u64, call: fn(*const ()), arg: *const ()) {
    boot::boot();
    loop {
        let section = gopark::enter();
        let foreign = M::of(&section).and_then(M::p).is_none();
        if let Ok(_earliest) = of(&section).add(when, Due::Call(call, arg)) {
            if foreign {
                someone_must_wake_for(when);
            }
            return;
        }
        let timers = of(&section);
        drop(section);
        timers.grow(gopark::enter);
    }
}

/// A timer was added by nobody's P: if every M sleeps past it, one must look.
fn someone_must_wake_for(when: u64) {
    let mut inner = SCHED.lock();
    if when >= inner.sleep_until {
        return;
    }
    if let Some(p) = inner.take_idle_p() {
        wakeup::start_m(inner, p, Spinning::No);
    }
}
