//! A P in hand that nobody runs: who gets it (SEMANTICS F8).
//!
//! *In Hand*: the P was taken from its M, or given up by it, and stands in no word and on no list;
//! it belongs to the caller.

use crate::goroutine::migrate;
use crate::machine::m::{M, Spinning};
use crate::machine::{p::P, procs, spawner};
use crate::preempt::cpu::Cpu;
use crate::preempt::suspend;
use crate::replay;
use crate::round::{backlog::Backlog, wakeup};
use crate::state::{Attention, Inner, SCHED};
use crate::view::trace;
use gaggle_gopark::Granted;
use gaggle_lock::MutexGuard;

/// Hands `p` to whoever has use for it, or puts it on the idle list. `near` is the CPU that its last M leaves.
pub(crate) fn hand_off(p: &'static P, near: Cpu) {
    p.count_handoff();
    p.note_left(near);
    trace::taken(p);
    if p.id >= SCHED.procs() {
        return procs::retire_in_hand(p);
    }
    let mut inner = SCHED.lock();
    if let Some(m) = next_in_line(&inner, p) {
        let m = inner.backlog.nearest(m, near);
        return grant(inner, m, p);
    }
    inner.prefer_idle_m_on(near);
    start_or_rest(inner, p);
}

/// What a P that was in hand does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// An M has it, or another one, or is being woken to look.
    Runs,
    /// It is on the idle list, and there is nothing to do.
    Rests,
}

/// Starts an M with `p` if there is something to do, and puts it on the idle list if not.
pub(crate) fn start_or_rest(mut inner: MutexGuard<'_, Inner>, p: &'static P) -> Use {
    // Those of a replayed run are in no queue, but with whoever has the only P.
    if !p.runq.is_empty() || inner.backlog.has_any() || replay::is_on() {
        wakeup::start_m(inner, p, Spinning::No);
        return Use::Runs;
    }
    inner.put_idle_p(p);
    SCHED.wake.released(); // Give Up, as in `find.rs`: the last look, at timers and at queues
    if (SCHED.earliest_timer() < inner.sleep_until || inner.wants_poller())
        && let Some(p) = inner.take_idle_p()
    {
        wakeup::start_m(inner, p, Spinning::No); // it will sleep until that timer, or in the poller
        return Use::Runs;
    }
    drop(inner);
    if SCHED.all_ps().any(|p| !p.runq.is_empty()) || SCHED.lock().backlog.has_any() {
        wakeup::submitted();
        return Use::Runs;
    }
    Use::Rests
}

/// The M in the line whose turn it is for `p`: what the P has itself goes first, but in a crowd, and
/// but when it would take one thread more than there are for that: then it waits for the line, whose
/// goroutines have their threads. Nobody while a run is replayed, or is to be: the P is that run's, and nothing would
/// take it back.
fn next_in_line(inner: &Inner, p: &P) -> Option<&'static M> {
    if SCHED.has_attention(Attention::Replay) {
        return None;
    }
    if !spawner::has_one_to_spare(inner) {
        return inner.backlog.first_in_line();
    }
    if p.runq.is_empty() { inner.backlog.due_in_line() } else { inner.backlog.first_of_crowd() }
}

/// Gives `p` to an M of the line.
pub(crate) fn grant(mut inner: MutexGuard<'_, Inner>, m: &'static M, p: &P) {
    inner.backlog.leave_line(m);
    if let Some(g) = m.seat.g() {
        g.status().grant();
    }
    p.tick();
    trace::granted(p, m);
    inner.backlog.count_grant(m);
    let granted = m.seat.word().grant(p.id);
    migrate::goes_on(m);
    drop(inner);
    if granted == Granted::Asleep {
        suspend::wake(m);
    }
}

/// What an M learns when it lets the line go first.
#[must_use = "after `GaveItsP` the caller has no P"]
pub(crate) enum LineFirst {
    /// Nobody's turn has come; it keeps its P, and has the lock.
    Keeps(MutexGuard<'static, Inner>),
    /// Its P runs a goroutine of the line now.
    GaveItsP,
}

/// Lets the line go first if its turn has come, at the place of the global queue in the order.
pub(crate) fn line_first(m: &'static M, p: &P) -> LineFirst {
    let mut inner = SCHED.lock();
    if inner.backlog.line_is_empty() {
        return LineFirst::Keeps(inner);
    }
    inner.backlog.take_yielded_of(p); // who joins the line counts those who go before him
    let local = !p.runq.is_empty();
    give_if(inner, m, if local { Backlog::due_past_local } else { Backlog::due_in_line })
}

/// Lets the line go first, before what the P has itself, if there is a crowd.
pub(crate) fn crowd_first(m: &'static M) -> LineFirst {
    give_if(SCHED.lock(), m, Backlog::first_of_crowd)
}

fn give_if(
    inner: MutexGuard<'static, Inner>,
    m: &'static M,
    pick: fn(&Backlog) -> Option<&'static M>,
) -> LineFirst {
    let Some(next) = pick(&inner.backlog) else { return LineFirst::Keeps(inner) };
    let p = m.release_p();
    let next = inner.backlog.nearest(next, p.leaves());
    grant(inner, next, p);
    if !p.runq.is_empty() {
        wakeup::submitted(); // an idle P may take it
    }
    LineFirst::GaveItsP
}
