//! Turns: of several who end the process at once each reports, one after the other, and the last one ends
//! it (SEMANTICS B15).
//!
//! *Never Stopped*: who waits for its turn, or has it, is inside the runtime until the end, with a P or
//! without, and stands in no line: nobody waits for one that was stopped. Whoever was stopped before goes on:
//! it may hold the allocator.

use crate::machine::m::M;
use crate::preempt::suspend;
use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use gaggle_coro::stack::give_spare_up;
use gaggle_gopark as gopark;
use gaggle_lock::nanotime;

/// Longer than any report should take, in nanoseconds.
const PATIENCE: u64 = 10_000_000_000;

/// How many report, or are about to.
static REPORTERS: AtomicU32 = AtomicU32::new(0);

const NOBODY: u32 = 0;
/// Whose turn it is: the kernel's number of its thread.
static TURN: AtomicU32 = AtomicU32::new(NOBODY);

/// Who had a turn last: once anybody has, the process ends with what is reported.
static LATEST: AtomicU32 = AtomicU32::new(NOBODY);

/// The caller will take its turn: the end of main waits for it from now on.
pub(crate) fn announce() {
    // Relaxed: a count; the turn orders those who print.
    REPORTERS.fetch_add(1, Ordering::Relaxed);
}

/// True if somebody reports, or is about to.
pub(crate) fn is_anybodys() -> bool {
    // Relaxed: best effort, as in Go (SEMANTICS A5).
    REPORTERS.load(Ordering::Relaxed) > 0
}

/// Waits until nobody else reports. One that reports already goes on: it has met something worse.
pub(crate) fn take() {
    take_until(u64::MAX);
}

/// The same for who may itself be the reason why another report does not end (it was struck while it held
/// a lock), or is there to tell why: it waits so long and no longer.
pub(crate) fn take_in_time() {
    take_until(nanotime() + PATIENCE);
}

fn take_until(deadline: u64) {
    // A plain thread is never stopped, and to give it a record takes memory, which an overflow inside malloc has not.
    if let Some(m) = M::here() {
        m.reports.set();
        core::mem::forget(gopark::enter()); // Never Stopped
    }
    suspend::release_all();
    give_spare_up(); // a report takes memory
    let me = this_thread();
    loop {
        // Acquire: pairs with the Release in `end`. Relaxed on failure: again.
        match TURN.compare_exchange(NOBODY, me, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => return LATEST.store(me, Ordering::Relaxed), // Relaxed: see `exit_waits`
            Err(whose) if whose == me => return,
            Err(_) if nanotime() >= deadline => return,
            Err(_) => std::thread::yield_now(),
        }
    }
}

/// The kernel's number of this thread.
fn this_thread() -> u32 {
    // SAFETY: only asks.
    unsafe { libc::syscall(libc::SYS_gettid) as u32 }
}

/// From now on an exit of the process lets a report end first, and so its code is the report's (SEMANTICS C1).
/// Once.
pub(crate) fn install() {
    // SAFETY: the function may be called at any time; a failure costs the exit code of a race only.
    unsafe { libc::atexit(exit_waits) };
}

/// Waits while another thread reports, but not for one that is stuck. Who reports, ends the process.
extern "C" fn exit_waits() {
    let reports = || M::here().is_some_and(|m| m.reports.are_made());
    let deadline = nanotime() + PATIENCE;
    // Relaxed: best effort, as in Go; nothing is read through them.
    let begun = || LATEST.load(Ordering::Relaxed) != NOBODY;
    // Relaxed: as above; its own number no other thread stores.
    while begun() && TURN.load(Ordering::Relaxed) != this_thread() && !reports() {
        if nanotime() >= deadline {
            return;
        }
        rest();
    }
}

#[expect(clippy::disallowed_methods, reason = "the process is ending: nobody waits for this P")]
fn rest() {
    std::thread::sleep(Duration::from_millis(10));
}

/// The caller has reported. Returns if it was the last one: it ends the process then.
pub(crate) fn end() {
    // AcqRel: whoever ends the process does it after all others have printed.
    if REPORTERS.fetch_sub(1, Ordering::AcqRel) > 1 {
        // Release: pairs with the Acquire in `take`.
        TURN.store(NOBODY, Ordering::Release);
        sleep_for_ever();
    }
}

/// Somebody else ends the process.
pub(crate) fn sleep_for_ever() -> ! {
    loop {
        // SAFETY: pause has no arguments.
        unsafe { libc::pause() };
    }
}

/// Whether an M's thread reports the end of the process. Its own.
#[derive(Debug, Default)]
pub(crate) struct Reports(AtomicU32);

impl Reports {
    fn set(&self) {
        self.0.store(1, Ordering::Relaxed); // Relaxed: its own
    }

    pub(crate) fn are_made(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0 // Relaxed: its own
    }
}
