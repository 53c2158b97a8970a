//! `run`: installs a main goroutine and waits for its end. One at a time; others queue.
//!
//! | phase | meaning | who leaves it |
//! |---|---|---|
//! | `Free` | no main goroutine | a caller, to `Busy` |
//! | `Busy` | a main goroutine lives; its caller sleeps | main's end, to `Ended`; never after a goexit of main (SEMANTICS B6) |
//! | `Ended` | main has ended; its caller is readied | that caller, to `Free` |

use crate::ends::panics;
use crate::goroutine::g::{Goroutine, Role};
use crate::goroutine::spawn;
use crate::{promise, replay};
use core::panic::Location;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{self as gopark, Commit, GQueue, GRef, Section, Task, WaitReason};
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::throw;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Free,
    Busy,
    Ended,
}

struct Runs {
    phase: Phase,
    caller: Option<GRef>,
    line: GQueue,
}

static RUNS: Mutex<Runs> =
    Mutex::new(Rank::Sema, Runs { phase: Phase::Free, caller: None, line: GQueue::new() });

/// Threads that sleep inside `run`. Whoever readies one subtracts it first: an awake caller may
/// start its main goroutine, so to the deadlock check it is a foreign thread.
static CALLERS: AtomicU32 = AtomicU32::new(0);

/// Whether a main goroutine lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Active {
    No,
    Yes,
}

/// 1 from before a main goroutine is started until it has ended.
static MAIN_LIVES: AtomicU32 = AtomicU32::new(0);

pub(crate) fn active() -> Active {
    // Relaxed: the deadlock check looks when all Ms are idle, under the scheduler's lock.
    if MAIN_LIVES.load(Ordering::Relaxed) == 0 { Active::No } else { Active::Yes }
}

pub(crate) fn callers() -> u32 {
    // Acquire: pairs with the AcqRel in `falls_asleep` and `wake`.
    CALLERS.load(Ordering::Acquire)
}

/// Boots the scheduler if it is not running, starts `task` as the main goroutine and blocks this
/// thread until it has ended. Concurrent runs queue. A panic of `task` follows go's rule.
///
/// # Panics
///
/// If called on a goroutine.
///
/// # Safety
///
/// All code that runs on goroutines from now on, until the end of the process, keeps the contract on thread-locals
/// (`docs/thread-locals.md`).
#[track_caller]
pub unsafe fn run(task: Task, site: &'static Location<'static>) {
    assert!(
        !crate::on_goroutine(),
        "gaggle::run called on a goroutine: runs do not nest; use go or spawn"
    );
    promise::give();
    if let Some(seed) = replay::wanted_seed() {
        return replay::whole(task, site, seed);
    }
    wait_for_turn();
    // Relaxed: see `active`.
    MAIN_LIVES.store(1, Ordering::Relaxed);
    spawn::spawn_as(Role::Main, task, site, spawn::Options::default());
    wait_for_end();
    give_turn_back();
    panics::let_crashes_win();
}

/// Counts this caller as asleep. Under the lock of `RUNS`, so before anybody can wake it.
fn falls_asleep() {
    // AcqRel: pairs with the Acquire in `callers`.
    CALLERS.fetch_add(1, Ordering::AcqRel);
}

fn wake(section: &mut Section, caller: GRef) {
    // AcqRel: pairs with the Acquire in `callers`.
    CALLERS.fetch_sub(1, Ordering::AcqRel);
    section.ready(caller);
}

/// Waits until no other run is under way; from then on it is ours.
pub(crate) fn wait_for_turn() {
    let mut section = gopark::enter();
    let mut runs = RUNS.lock();
    let me = section.current();
    if runs.phase != Phase::Free {
        runs.line.push_back(me);
        falls_asleep();
        section.park(WaitReason::Semacquire, Commit::unlock(runs)); // the phase comes with it
        return;
    }
    runs.phase = Phase::Busy;
}

/// Waits until the run that is ours has ended.
pub(crate) fn wait_for_end() {
    let mut section = gopark::enter();
    let mut runs = RUNS.lock();
    if runs.phase == Phase::Busy {
        runs.caller = Some(section.current());
        falls_asleep();
        section.park(WaitReason::Join, Commit::unlock(runs));
    }
}

/// Lets the next run begin.
pub(crate) fn give_turn_back() {
    let mut section = gopark::enter();
    let mut runs = RUNS.lock();
    if runs.phase != Phase::Ended {
        throw!("run: woken before main ended");
    }
    let next = runs.line.pop_front();
    runs.phase = if next.is_some() { Phase::Busy } else { Phase::Free };
    drop(runs);
    next.into_iter().for_each(|g| wake(&mut section, g));
}

/// Main called goexit: its end is not the end of the run (SEMANTICS B6).
pub(crate) fn main_goexited(goroutine: &Goroutine) {
    if goroutine.role.get() == Role::Main {
        goroutine.role.set(Role::Ordinary);
    }
}

/// The main goroutine's function has returned.
pub(crate) fn main_ended(section: &mut Section) {
    if !replay::goes_on_without_main() {
        end(section);
    }
}

/// The run has ended: wakes who waits for it.
pub(crate) fn end(section: &mut Section) {
    // Relaxed: see `active`.
    MAIN_LIVES.store(0, Ordering::Relaxed);
    let caller = {
        let mut runs = RUNS.lock();
        runs.phase = Phase::Ended;
        runs.caller.take()
    };
    caller.into_iter().for_each(|g| wake(section, g));
}
