//! How long an idle M keeps its thread: for ever, unless the user says otherwise (DESIGN 7).
//!
//! | an idle M sleeps | until | and then |
//! |---|---|---|
//! | in the poller | something is ready, or the first timer is due | it is at work, or idle anew |
//! | until the first timer | that is due | as above |
//! | on its note, without a limit | a starter takes it off the idle list | it has a P |
//! | on its note, with a limit | the same, or the limit is over | it has a P; or its thread ends, if more are idle than are kept; or it sleeps as long again |
//! | on its note | the limit is changed | it has no P, and begins again at the top |
//!
//! *Off The List Decides*: an M is woken by whoever took it off the idle list, under the scheduler's lock, and by
//! nobody else. One that takes itself off is woken by nobody any more, and may end; one that finds itself
//! taken off sleeps on: its wake-up is on the way.

use crate::machine::m::{Fate, M};
use crate::state::{Inner, SCHED};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use gaggle_gopark as gopark;

/// So many idle threads stay beyond GOMAXPROCS.
const KEPT: u32 = 1;
/// The shortest limit, in nanoseconds.
const SHORTEST: u64 = 1_000_000;
/// There is no limit.
const NEVER: u64 = 0;

/// After so many nanoseconds an idle M's thread ends.
static LIMIT: AtomicU64 = AtomicU64::new(NEVER);

/// The limit, if there is one.
pub(crate) fn limit() -> Option<u64> {
    let limit = LIMIT.load(Ordering::Relaxed); // Relaxed: a setting; who sets it rouses those who sleep
    (limit != NEVER).then_some(limit)
}

/// What the environment says, 0 for never. At boot, before there is an M.
pub(crate) fn init(nanoseconds: u64) {
    if nanoseconds != NEVER {
        LIMIT.store(nanoseconds.max(SHORTEST), Ordering::Relaxed); // Relaxed: a setting
    }
}

/// What becomes of an M that was idle for as long as the limit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "one that ends must not sleep again: nobody would wake it"]
pub(crate) enum Idle {
    /// It sleeps on: it is one of those that are kept, or was taken off the list already.
    Stays,
    /// Its thread ends.
    Ends,
}

/// The M has slept for the limit.
pub(crate) fn was_idle(m: &'static M) -> Idle {
    let mut inner = SCHED.lock();
    // Off The List Decides.
    if inner.idle_m_count <= SCHED.procs().saturating_add(KEPT) || !inner.take_this_idle_m(m) {
        return Idle::Stays;
    }
    m.fate.set(Fate::Ends);
    Idle::Ends
}

/// Sets how long a thread of the scheduler may be idle before it ends, and returns the old limit;
/// none, as at first, keeps idle threads for ever.
///
/// A program that once blocked in a thousand calls at a time has a thousand threads, of which each takes
/// some memory. With a limit they go: all but the [`GOMAXPROCS`](crate::gomaxprocs) and one that will be
/// needed first. A thread takes its thread-locals with it, and their destructors run, so whoever has
/// kept the address of one against the contract of [`run`](crate::run) has a dangling one then.
/// `GAGGLE_DEBUG=reap=60` sets a limit of 60 seconds from outside. The shortest is a millisecond.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let minute = Some(Duration::from_secs(60));
/// assert_eq!(gaggle_sched::set_idle_thread_timeout(minute), None);
/// assert_eq!(gaggle_sched::set_idle_thread_timeout(None), minute);
/// ```
pub fn set_idle_thread_timeout(timeout: Option<Duration>) -> Option<Duration> {
    crate::boot::boot();
    let nanoseconds = |it: Duration| u64::try_from(it.as_nanos()).unwrap_or(u64::MAX).max(SHORTEST);
    // Relaxed: a setting; those who have not seen it are roused.
    let old = LIMIT.swap(timeout.map_or(NEVER, nanoseconds), Ordering::Relaxed);
    rouse();
    (old != NEVER).then(|| Duration::from_nanos(old))
}

/// Wakes those who sleep by the old limit.
fn rouse() {
    let _section = gopark::enter();
    let mut list = SCHED.lock().take_sleepers_for_nothing();
    // SAFETY: an M's memory is never freed.
    while let Some(m) = unsafe { list.as_ref() } {
        list = m.idle_link.swap(null_mut(), Ordering::Relaxed); // Relaxed: the list is ours
        m.wake();
    }
}

impl Inner {
    /// Takes all off the idle list that sleep neither in the poller nor until a timer: a list through
    /// the idle links. The caller wakes them; they find that they were given no P.
    fn take_sleepers_for_nothing(&mut self) -> *mut M {
        let mut taken = null_mut();
        let (poller, sleeper) = (self.poller, self.sleeper);
        let other = |m: &M| !core::ptr::eq(poller, m) && !core::ptr::eq(sleeper, m);
        while let Some(m) = self.take_idle_m_that(other) {
            m.idle_link.store(taken, Ordering::Relaxed); // Relaxed: under the lock
            taken = core::ptr::from_ref(m).cast_mut();
        }
        taken
    }
}
