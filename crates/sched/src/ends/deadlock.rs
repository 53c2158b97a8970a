//! "All goroutines are asleep": found by the last M that goes to sleep (SEMANTICS H1-H3).
//!
//! *Nobody Left*: with every M idle, no request for another, no live timer, an empty global queue
//! nobody who waits for a
//! descriptor, and no thread in the process but ours and `run`'s callers, nobody can ready anybody. A foreign
//! thread may, so while one lives the check stays silent (H8); the monitor looks again when all
//! is quiet, in case it has ended. `quiet.rs` has the order of the looks.

use crate::preempt::sysmon;
use crate::quiet::{self, Counts, Process, Verdict};
use crate::round::overdue;
use crate::run;
use crate::state::{Inner, SCHED};
use core::ops::RangeInclusive;
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

/// The scheduler and the process around it.
struct Here;

impl Process for Here {
    type Inner = Inner;
    type Guard<'a> = MutexGuard<'a, Inner>;

    fn lock(&self) -> MutexGuard<'_, Inner> {
        SCHED.lock()
    }

    fn any_timer_alive(&self) -> bool {
        any_timer_alive()
    }

    fn ours(&self, inner: &Inner) -> RangeInclusive<u64> {
        u64::from(inner.m_count)..=u64::from(our_threads(inner))
    }

    fn threads(&self) -> Option<u64> {
        threads_of_process()
    }
}

impl Counts for Inner {
    fn ms(&self) -> u32 {
        self.m_count
    }

    fn idle_ms(&self) -> u32 {
        self.idle_m_count
    }

    fn pinned_ms(&self) -> i32 {
        self.pinned_m_count
    }

    fn has_queued(&self) -> bool {
        self.backlog.has_any()
    }

    fn waiters(&self) -> u32 {
        gaggle_netpoll::waiters()
    }
}

/// Looks whether this was the last M awake, and ends the process if nothing can happen any more.
pub(crate) fn check(inner: MutexGuard<'_, Inner>) {
    // Relaxed: see `is_suspected`.
    SUSPICION.store(CALM, Ordering::Relaxed);
    if run::active() == run::Active::No {
        return;
    }
    match quiet::judge(&Here, inner) {
        Verdict::Alive => {}
        Verdict::Suspected => {
            // Relaxed: see `is_suspected`.
            SUSPICION.store(SUSPECTED, Ordering::Relaxed);
            // The monitor may have gone to sleep before there was a suspicion.
            sysmon::wake(&mut SCHED.lock());
        }
        Verdict::Over => report(),
    }
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
