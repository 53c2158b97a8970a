//! wakep: somebody must look for the work that has just appeared.

use crate::machine::m::{M, Spinning};
use crate::machine::{p::P, spawner};
use crate::state::{Inner, SCHED};
use core::sync::atomic::Ordering;
use gaggle_lock::MutexGuard;

/// Event Submit: work was published by a read-modify-write just now.
#[inline]
pub(crate) fn submitted() {
    if SCHED.wake.submitted() {
        start_spinner();
    }
}

/// Event Submit: work was put on the global queue just now.
pub(crate) fn injected() {
    if SCHED.wake.injected() {
        start_spinner();
    }
}

/// Starts the M that the wake word counts as spinning already.
#[cold]
#[inline(never)]
fn start_spinner() {
    loop {
        let mut inner = SCHED.lock();
        if let Some(p) = inner.take_idle_p() {
            return start_m(inner, p, Spinning::Yes);
        }
        drop(inner);
        // Event Withdraw: no P was left. Submitters that counted on us are answered for.
        SCHED.wake.end_spinning();
        if !SCHED.wake.submitted() {
            return;
        }
    }
}

/// Gives `p` to an idle M, or asks for a new one (SEMANTICS D10).
pub(crate) fn start_m(mut inner: MutexGuard<'_, Inner>, p: &'static P, spinning: Spinning) {
    match inner.take_idle_m() {
        Some(m) => {
            hand(m, p, spinning);
            drop(inner);
            m.wake();
        }
        None => spawner::request(inner, p, spinning),
    }
}

/// Leaves word for an M that sleeps, or is being made, which P it has and whether it spins.
pub(crate) fn hand(m: &M, p: &P, spinning: Spinning) {
    m.spinning.set(spinning);
    // Relaxed: Handed Under Lock; the note (or the thread's start) orders it.
    m.next_p.store(core::ptr::from_ref(p).cast_mut(), Ordering::Relaxed);
}
