//! The monitor: a thread without a P that looks after the others (SEMANTICS F4, F7).
//!
//! It ticks while any P is busy (`pace.rs`) and sleeps deeply when all have been idle for a while. Per tick it
//! advances the coarse clock, looks at every M (`retake.rs`), and sees to timers that are overdue
//! while all who could run them compute. While they do, it looks at descriptors, too (SEMANTICS F6).
//!
//! *Deep Sleep*: `ASLEEP` is set and cleared under the scheduler's lock; whoever hands out a P, or
//! begins to suspect a deadlock, while it is set clears it and wakes the note. It is not set while a P
//! is out, or while no M sleeps until the first timer: there may be no thread for that.

use crate::ends::deadlock;
use crate::gaze::Gaze;
use crate::machine::{m::Spinning, p::Place, procs, spawner, thread};
use crate::preempt::pace::{Pace, TICK};
use crate::preempt::way::{self, Way};
use crate::preempt::{mode, retake};
use crate::replay;
use crate::round::{backlog::overdue_since, poller, timers, wakeup};
use crate::state::{Attention, Inner, SCHED};
use crate::view::schedtrace;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_coro::stack::trim;
use gaggle_gopark::{self as gopark, GQueue, set_coarse_now};
use gaggle_lock::{Note, nanotime};
use gaggle_netpoll::{self as netpoll, Patience};
use gaggle_race::Hush;

/// How long all have to be idle before the deep sleep.
const PATIENCE: u64 = 10_000_000;
/// How long they have to be idle before what idle stacks hold is given back.
const QUIET: u64 = 50_000_000;
/// How often a suspicion of deadlock is looked at again while foreign threads live.
const SUSPICION: u64 = 50_000_000;
/// Idle stacks trimmed at once.
const TRIM_BATCH: usize = 64;
/// A timer this late has nobody who will run it: whoever computes is asked to yield.
const OVERDUE: u64 = 50_000;
/// A timer this late has nobody who reaches a switch point: somebody is made to.
const URGENT: u64 = 150_000;
/// How often the number of Ps is compared with what the machine allows (SEMANTICS D3).
const PROCS_PERIOD: u64 = 1_000_000_000;
/// The monitor's shortest nap.
const NAP: u64 = 30_000;
/// While somebody computes and others wait for descriptors, and nobody has looked for so long, the monitor's rests are no longer.
const SOON: u64 = 100_000;
/// While something is late, it naps for this part of the time by which it is late; at most a tick.
const PATIENT: u64 = 4;

const AWAKE: u32 = 0;
const ASLEEP: u32 = 1;

static STATE: AtomicU32 = AtomicU32::new(AWAKE);

/// Whether it looks around just now, and may take a P.
pub(crate) static GAZE: Gaze = Gaze::new();
static NOTE: Note = Note::new();

/// Wakes the monitor if it sleeps deeply. Under the scheduler's lock.
pub(crate) fn wake(_inner: &mut Inner) {
    // Relaxed: Deep Sleep, under the lock.
    if STATE.load(Ordering::Relaxed) == ASLEEP {
        STATE.store(AWAKE, Ordering::Relaxed); // Relaxed: as above
        NOTE.wakeup();
    }
}

/// True unless the monitor sleeps deeply.
pub(crate) fn is_awake() -> bool {
    STATE.load(Ordering::Relaxed) == AWAKE // Relaxed: for the eye
}

/// The monitor's thread.
pub(crate) fn main(_: usize) {
    Hush::begins(); // for ever
    thread::ask_for_short_slices();
    let (mut pace, mut idle_since) = (Pace::new(), nanotime());
    let (mut procs_due, mut rescue_due) = (idle_since + PROCS_PERIOD, idle_since);
    // Not since it slept: short work now and then, which no look finds, keeps no stacks large.
    let mut quiet_since = idle_since;
    loop {
        let ready = rest(&pace);
        GAZE.begin();
        if replay::is_on() {
            GAZE.end();
            let mut section = gopark::enter();
            poller::inject(ready);
            timers::run_foreign(&mut section); // the M's clock is not that of other threads
            pace = Pace::new();
            continue; // nobody loses its P, and the clock is not ours
        }
        let now = nanotime();
        set_coarse_now(now);
        if SCHED.wake.idle_ps() < SCHED.procs() {
            (idle_since, quiet_since) = (now, now);
        }
        let section = gopark::enter();
        poller::inject(ready);
        pace.saw(retake::look_around(now));
        if serve_overdue(nanotime()) == Way::Made {
            pace.hurry();
        }
        if now >= rescue_due {
            spawner::rescue();
            rescue_due = now + TICK;
        }
        schedtrace::tick(now);
        if now >= procs_due && procs::is_automatic() {
            spawner::ask_to_follow_the_machine();
            procs_due = now + PROCS_PERIOD;
        }
        drop(section);
        GAZE.end();
        if now - idle_since >= PATIENCE && !schedtrace::is_on() {
            look_for_a_poller();
            let surplus = deep_sleep(quiet_since + QUIET);
            (pace, idle_since) = (Pace::new(), nanotime());
            if surplus == Surplus::GivenBack {
                quiet_since = idle_since;
            }
        }
    }
}

/// Sleeps for one tick of that pace, or, if every P is busy, until the next timer is overdue or urgent. Nobody
/// wakes the note while `STATE` says awake. If nobody looks at descriptors, it sleeps where it sees
/// them: those that are ready.
fn rest(pace: &Pace) -> GQueue {
    let now = nanotime();
    let mut until = now + pace.tick().min(mode::slice() / 2);
    if SCHED.wake.idle_ps() == 0 {
        let timer = overdue_since();
        let next = timer.saturating_add(if timer.saturating_add(OVERDUE) > now {
            OVERDUE
        } else {
            URGENT
        });
        // The longer it is late, the less a look more will help: the CPUs may be others'.
        let nap = (now.saturating_sub(timer) / PATIENT).max(NAP);
        until = until.min(next.max(now + nap));
    }
    let is_soon = poller::is_wanted()
        && (pace.is_hurried()
            || pace.is_watchful() && poller::looked_before(now, SOON) && way::is_a_p_held());
    if poller::is_unattended(now, if is_soon { SOON } else { TICK }) {
        let ready = netpoll::poll(Patience::Until(until));
        if !ready.is_empty() || nanotime() >= until {
            return ready;
        }
        until = until.min(nanotime() + NAP); // it was broken off, or saw what nobody waits for, and may again
    } else if is_soon {
        until = until.min(now + SOON);
    }
    if NOTE.sleep_until(until) {
        NOTE.clear();
    }
    GQueue::new()
}

/// Before a deep sleep.
fn look_for_a_poller() {
    let _section = gopark::enter();
    poller::make_sure_of_a_poller();
}

/// All has been quiet for a while: gives back what idle stacks hold below their top page, so that
/// stacks shrink (DESIGN 4). Stops when work appears.
fn trim_stacks() {
    while SCHED.wake.idle_ps() >= SCHED.procs() && trim(TRIM_BATCH) == TRIM_BATCH {}
}

/// What idle stacks hold beyond their need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Surplus {
    Held,
    GivenBack,
}

/// Sleeps until a P is handed out, or looks at a suspected deadlock now and then. Gives back what idle stacks hold at
/// `quiet_at`, if it sleeps so long.
fn deep_sleep(quiet_at: u64) -> Surplus {
    let mut surplus = Surplus::Held;
    loop {
        if surplus == Surplus::Held && nanotime() >= quiet_at {
            trim_stacks();
            surplus = Surplus::GivenBack;
        }
        {
            let _section = gopark::enter();
            let inner = SCHED.lock();
            // Beyond GOMAXPROCS too: who has such a P may have to be made to give it up.
            let is_out = SCHED.all_ps().any(|p| p.place() == Place::Out);
            // Nor is anybody to stand in line whom nobody but a look gives an idle P.
            let waits = is_out || !inner.backlog.line_is_empty();
            if waits || SCHED.earliest_timer() < inner.sleep_until {
                return surplus;
            }
            // Relaxed: Deep Sleep, under the lock.
            STATE.store(ASLEEP, Ordering::Relaxed);
        }
        let suspected_until = deadlock::is_suspected().then(|| nanotime() + SUSPICION);
        let held_until = (surplus == Surplus::Held).then_some(quiet_at);
        let woken = match suspected_until.or(held_until) {
            Some(until) => NOTE.sleep_until(until),
            None => {
                NOTE.sleep();
                true
            }
        };
        if woken {
            NOTE.clear();
            return surplus;
        }
        let _section = gopark::enter();
        let inner = SCHED.lock();
        // Relaxed: Deep Sleep, under the lock.
        if STATE.swap(AWAKE, Ordering::Relaxed) == AWAKE {
            drop(inner);
            NOTE.sleep(); // the wake-up is on its way
            NOTE.clear();
            return surplus;
        }
        if deadlock::is_suspected() {
            deadlock::check(inner);
        }
    }
}

/// Starts an M for timers that nobody runs in time, if a P is idle; asks the busy ones otherwise.
fn serve_overdue(now: u64) -> Way {
    if overdue_since().saturating_add(OVERDUE) > now {
        return Way::Free;
    }
    let mut inner = SCHED.lock();
    if let Some(p) = inner.take_idle_p() {
        wakeup::start_m(inner, p, Spinning::No);
        return Way::Free;
    }
    drop(inner);
    SCHED.set_attention(Attention::Overdue);
    spawner::for_each_m(|m| {
        if m.seat.word().p().is_some() {
            m.seat.word().ask(); // false: it was asked already
        }
    });
    if overdue_since().saturating_add(URGENT) <= now {
        return way::make_way(now);
    }
    Way::Free
}
