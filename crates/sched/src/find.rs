//! Where work is looked for, in order (SEMANTICS E5).

use crate::g::Goroutine;
use crate::m::{M, Spinning};
use crate::p::P;
use crate::runq::{RunQueue, Slice};
use crate::state::SCHED;
use crate::{pin, procs, steal, stop, switch, timers, wakeup};
use gaggle_gopark::{GRef, Section};
use gaggle_timer::NEVER;

/// Every so many time slices the global queue is looked at first.
pub(crate) const GLOBAL_TICKS: u32 = 61;

/// Finds a goroutine to run. Blocks the M, without a P, until there is one.
pub(crate) fn find_runnable(section: &mut Section, m: &'static M) -> GRef {
    loop {
        let p = m.owned_p();
        if p.id >= SCHED.procs() {
            procs::retire(m);
            stop::stop(m);
            continue;
        }
        if let Some(g) = look_near(section, p).or_else(|| look_far(section, m, p)) {
            settle(m);
            match Goroutine::of(g).home.get() {
                None => return g,
                Some(home) => pin::send_home(m, home),
            }
            continue;
        }
        give_up(m);
    }
}

/// What this P has itself, and its share of the global queue.
fn look_near(section: &mut Section, p: &'static P) -> Option<GRef> {
    timers::run_due(section, &p.timers);
    if timers::take_overdue() {
        timers::run_all_due(section);
    }
    if p.schedtick().is_multiple_of(GLOBAL_TICKS) {
        timers::run_all_due(section);
        if let Some(g) = take_global(p, 1) {
            return Some(tick(p, g));
        }
    }
    if let Some((g, slice)) = p.runq.get() {
        return Some(if slice == Slice::Fresh { tick(p, g) } else { g });
    }
    take_global(p, RunQueue::HALF).map(|g| tick(p, g))
}

#[inline]
fn tick(p: &P, g: GRef) -> GRef {
    p.tick();
    g
}

/// Takes up to `most` goroutines, and no more than this P's share, from the global queue: one to
/// run, the rest into the ring (SEMANTICS E5).
fn take_global(p: &P, most: usize) -> Option<GRef> {
    if !SCHED.has_queued() {
        return None;
    }
    let mut inner = SCHED.lock();
    let share = inner.queue.len() / SCHED.procs().max(1) as usize + 1;
    let g = inner.queue.pop_front()?;
    for _ in 1..share.min(most) {
        if Goroutine::of(g).home.get().is_some() {
            break; // its P goes with it
        }
        let Some(g) = inner.queue.pop_front() else { break };
        if Goroutine::of(g).home.get().is_some() {
            inner.queue.push_front(g); // only the first one taken may be pinned
            break;
        }
        if let Some(mut overflow) = p.runq.put(g) {
            inner.queue.append(&mut overflow);
            break;
        }
    }
    SCHED.note_queued(&inner);
    Some(g)
}

/// A goroutine yielded and this P has nothing else: puts it behind all others and takes the first,
/// in one hold of the lock. None if the ordinary round must decide.
pub(crate) fn swap_global(m: &'static M, yielded: GRef) -> Option<GRef> {
    let p = m.owned_p();
    yielded.status().yield_now();
    let near = switch::looks_elsewhere(p) || p.timers.earliest() != NEVER || !p.runq.is_empty();
    let next = {
        let mut inner = SCHED.lock();
        inner.queue.push_back(yielded);
        let next = if near { None } else { inner.queue.pop_front() };
        SCHED.note_queued(&inner);
        next
    };
    if SCHED.has_queued() {
        wakeup::injected(); // what we left behind is for others to take
    }
    let next = tick(p, next?);
    match Goroutine::of(next).home.get() {
        None => return Some(next),
        Some(home) => pin::send_home(m, home),
    }
    None
}

/// What others have: steals, as a spinning M.
fn look_far(section: &mut Section, m: &'static M, p: &'static P) -> Option<GRef> {
    if m.spinning.get() == Spinning::No {
        let busy = SCHED.procs().saturating_sub(SCHED.wake.idle_ps());
        if !SCHED.wake.try_begin_spinning(busy) {
            return None;
        }
        m.spinning.set(Spinning::Yes);
    }
    let found = steal::steal(section, p);
    found.map(|g| tick(p, g))
}

/// Event Found: the M has work. The last spinner makes sure that somebody goes on looking.
fn settle(m: &M) {
    if m.end_spinning() == Spinning::Yes {
        wakeup::submitted();
    }
}

/// Event Give Up: gives the P back, looks once more, sleeps. Returns with a P, to look again.
fn give_up(m: &'static M) {
    {
        let mut inner = SCHED.lock();
        if !inner.queue.is_empty() {
            return; // injected since we looked
        }
        inner.put_idle_p(m.release_p());
    }
    if m.end_spinning() == Spinning::No {
        SCHED.wake.released();
    }
    if !last_look(m) {
        stop::stop(m);
    } // else with a P again, spinning: the caller looks everywhere
}

/// Event LastLook: looks at all queues after the P was given up; takes a P if there is anything to find.
fn last_look(m: &'static M) -> bool {
    let found = SCHED.has_queued() || SCHED.all_ps().any(|p| !p.runq.is_empty());
    if !found {
        return false;
    }
    let Some(p) = SCHED.lock().take_idle_p() else { return false };
    m.acquire_p(p);
    SCHED.wake.begin_spinning();
    m.spinning.set(Spinning::Yes);
    true
}
