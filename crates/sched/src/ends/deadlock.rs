//! "All goroutines are asleep": found by the last M that goes to sleep (SEMANTICS H1-H3).
//!
//! *Nobody Left*: with every M idle, no request for another, no live timer, an empty global queue
//! nobody who waits for a
//! descriptor, and no thread in the process but ours and `run`'s callers, nobody can ready anybody. A foreign
//! thread may, so while one lives the check stays silent (H8); the monitor looks again when all
//! is quiet, in case it has ended.

use crate::preempt::sysmon;
use crate::round::overdue;
use crate::run;
use crate::state::{Inner, SCHED};
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_coro::sanitizer;
use gaggle_lock::MutexGuard;
use gaggle_prim::fatal;

const CALM: u32 = 0;
const SUSPECTED: u32 = 1;

/// Set while only a foreign thread keeps the check silent.
static SUSPICION: AtomicU32 = AtomicU32::new(CALM);

/// Threads of this runtime that are neither Ms nor callers of `run`.
static OWN_THREADS: AtomicU32 = AtomicU32::new(0);

/// Counts the calling crate's helper thread as the runtime's own, for the deadlock check.
pub fn register_own_thread() {
    // Relaxed: a number; the check is repeated.
    OWN_THREADS.fetch_add(1, Ordering::Relaxed);
}

/// True if a deadlock is likely and only a foreign thread could still resolve it.
pub(crate) fn is_suspected() -> bool {
    // Relaxed: the monitor asks again.
    SUSPICION.load(Ordering::Relaxed) == SUSPECTED
}

/// Looks whether this was the last M awake, and ends the process if nothing can happen any more.
pub(crate) fn check(inner: MutexGuard<'_, Inner>) {
    // Relaxed: see `is_suspected`.
    SUSPICION.store(CALM, Ordering::Relaxed);
    let quiet = is_quiet(&inner);
    if !quiet || run::active() == run::Active::No {
        return;
    }
    let least = inner.m_count;
    let ours = our_threads(&inner);
    drop(inner);
    if any_timer_alive() {
        return;
    }
    match threads_of_process() {
        // Fewer than there must be: a kernel that does not count threads here says nothing.
        Some(all) if (u64::from(least)..=u64::from(ours)).contains(&all) => {}
        _ => {
            // Relaxed: see `is_suspected`.
            SUSPICION.store(SUSPECTED, Ordering::Relaxed);
            // The monitor may have gone to sleep before there was a suspicion.
            sysmon::wake(&mut SCHED.lock());
            return;
        }
    }
    // A foreign thread may have injected work, or set a timer, and ended between our looks: Nobody Left
    // holds only if all is still quiet now that it cannot exist. The M that was woken for the timer may
    // sleep again by now.
    let inner = SCHED.lock();
    if !is_quiet(&inner) {
        return;
    }
    drop(inner);
    if any_timer_alive() {
        return;
    }
    report();
}

fn our_threads(inner: &Inner) -> u32 {
    let helpers = OWN_THREADS.load(Ordering::Relaxed); // Relaxed: a number
    inner.m_count + helpers + run::callers() + sanitizer::THREADS
}

/// True if there is no thread but Ms, helpers and callers of `run`. Inside a section.
pub(crate) fn only_our_threads() -> bool {
    let ours = our_threads(&SCHED.lock());
    threads_of_process().is_some_and(|all| all <= u64::from(ours))
}

/// True if no M runs and nothing is queued for one.
fn is_quiet(inner: &Inner) -> bool {
    inner.idle_m_count.checked_add_signed(inner.pinned_m_count) == Some(inner.m_count)
        && !inner.backlog.has_any()
        && gaggle_netpoll::waiters() == 0
}

/// True if every M there is waits for its own goroutine, and nothing that this process knows of will wake one.
pub(crate) fn nobody_comes(inner: &Inner) -> bool {
    let made = inner.m_count - inner.ms_to_make;
    u32::try_from(inner.pinned_m_count) == Ok(made)
        && gaggle_netpoll::waiters() == 0
        && !any_timer_alive()
}

fn any_timer_alive() -> bool {
    overdue::any_waits()
        || SCHED.foreign_timers.any_alive()
        || SCHED.all_ps().any(|p| p.timers.any_alive())
}

/// Ends the process: nobody can go on.
#[cold]
pub(crate) fn report() -> ! {
    if SCHED.live() == 0 {
        fatal!("no goroutines (main called runtime.Goexit) - deadlock!");
    }
    fatal!("all goroutines are asleep - deadlock!");
}

/// How many threads this process has: the kernel counts them as links of the task directory.
fn threads_of_process() -> Option<u64> {
    let mut stat = core::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: a C string and a place for the answer.
    let answer = unsafe { libc::stat(c"/proc/self/task".as_ptr(), stat.as_mut_ptr()) };
    if answer != 0 {
        return None;
    }
    // SAFETY: the call filled it in.
    let stat = unsafe { stat.assume_init() };
    stat.st_nlink.checked_sub(2)
}
