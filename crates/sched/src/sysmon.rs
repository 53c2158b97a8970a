//! The monitor: a thread without a P that looks after the others (SEMANTICS F4, F7).
//!
//! It ticks while any P is busy and sleeps deeply when all have been idle for a while. Per tick it
//! advances the coarse clock, asks an M that has run one time slice too long to yield at its next
//! switch point, and starts an M for timers that are overdue while all who could run them compute.
//!
//! *Deep Sleep*: `ASLEEP` is set and cleared under the scheduler's lock; whoever hands out a P
//! while it is set clears it and wakes the note.

use crate::m::{M, Spinning};
use crate::state::{Inner, SCHED, p_at};
use crate::{deadlock, spawner, timers, wakeup};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use gaggle_coro::stack::trim;
use gaggle_gopark::{self as gopark, set_coarse_now};
use gaggle_lock::{Note, nanotime};

/// The time slice (SEMANTICS G1).
const SLICE: u64 = 10_000_000;
/// Its tick while any P is busy: well under 1 % of a CPU.
const TICK: u64 = 1_000_000;
/// Idle ticks before the deep sleep.
const PATIENCE: u32 = 50;
/// How often a suspicion of deadlock is looked at again while foreign threads live.
const SUSPICION: u64 = 50_000_000;
/// Idle stacks trimmed at once.
const TRIM_BATCH: usize = 64;
/// A timer this late has nobody who will run it.
const OVERDUE: u64 = 200_000;

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;

static STATE: AtomicU32 = AtomicU32::new(AWAKE);
static NOTE: Note = Note::new();

/// What the monitor saw of an M at its last tick.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    tick: AtomicU32,
    p: AtomicU32,
    since: AtomicU64,
}

/// Wakes the monitor if it sleeps deeply. Under the scheduler's lock.
pub(crate) fn wake(_inner: &mut Inner) {
    // Relaxed: Deep Sleep, under the lock.
    if STATE.load(Ordering::Relaxed) == ASLEEP {
        STATE.store(AWAKE, Ordering::Relaxed); // Relaxed: as above
        NOTE.wakeup();
    }
}

/// The monitor's thread.
pub(crate) fn main(_: usize) {
    let mut idle_ticks = 0;
    loop {
        rest();
        let now = nanotime();
        set_coarse_now(now);
        if SCHED.wake.idle_ps() >= SCHED.procs() {
            idle_ticks += 1;
        } else {
            idle_ticks = 0;
        }
        let section = gopark::enter();
        retake(now);
        serve_overdue(now);
        drop(section);
        if idle_ticks >= PATIENCE {
            trim_stacks();
            deep_sleep();
            idle_ticks = 0;
        }
    }
}

/// Sleeps for one tick. Nobody wakes the note while `STATE` says awake.
fn rest() {
    if NOTE.sleep_until(nanotime() + TICK) {
        NOTE.clear();
    }
}

/// All has been quiet for a while: gives back what idle stacks hold below their top page, so that
/// stacks shrink (DESIGN 4). Stops when work appears.
fn trim_stacks() {
    while SCHED.wake.idle_ps() >= SCHED.procs() && trim(TRIM_BATCH) == TRIM_BATCH {}
}

/// Sleeps until a P is handed out, or looks at a suspected deadlock now and then.
fn deep_sleep() {
    loop {
        {
            let _section = gopark::enter();
            let _inner = SCHED.lock();
            if SCHED.wake.idle_ps() < SCHED.procs() {
                return;
            }
            // Relaxed: Deep Sleep, under the lock.
            STATE.store(ASLEEP, Ordering::Relaxed);
        }
        let woken = if deadlock::is_suspected() {
            NOTE.sleep_until(nanotime() + SUSPICION)
        } else {
            NOTE.sleep();
            true
        };
        if woken {
            NOTE.clear();
            return;
        }
        let _section = gopark::enter();
        let inner = SCHED.lock();
        // Relaxed: Deep Sleep, under the lock.
        if STATE.swap(AWAKE, Ordering::Relaxed) == AWAKE {
            drop(inner);
            NOTE.sleep(); // the wake-up is on its way
            NOTE.clear();
            return;
        }
        deadlock::check(inner);
    }
}

/// Asks every M whose goroutine has had its time slice to yield (SEMANTICS F7).
fn retake(now: u64) {
    spawner::for_each_m(|m| look_at(m, now));
}

fn look_at(m: &M, now: u64) {
    let Some(id) = m.seat.word().p() else { return };
    let tick = p_at(id).schedtick();
    let seen = &m.seen;
    // Relaxed: the monitor's own notes.
    let same = seen.tick.load(Ordering::Relaxed) == tick && seen.p.load(Ordering::Relaxed) == id;
    if !same {
        seen.tick.store(tick, Ordering::Relaxed); // Relaxed: as above
        seen.p.store(id, Ordering::Relaxed); // Relaxed: as above
        seen.since.store(now, Ordering::Relaxed); // Relaxed: as above
        return;
    }
    // Relaxed: as above.
    if now.saturating_sub(seen.since.load(Ordering::Relaxed)) >= SLICE {
        m.seat.word().ask(); // false: it has given its P up, or was asked already
    }
}

/// Starts an M for timers that nobody runs in time, if a P is idle; asks the busy ones otherwise.
fn serve_overdue(now: u64) {
    if SCHED.earliest_timer().saturating_add(OVERDUE) > now {
        return;
    }
    let mut inner = SCHED.lock();
    if let Some(p) = inner.take_idle_p() {
        return wakeup::start_m(inner, p, Spinning::No);
    }
    drop(inner);
    timers::note_overdue();
    spawner::for_each_m(|m| {
        if m.seat.word().p().is_some() {
            m.seat.word().ask(); // false: it was asked already
        }
    });
}
