//! The thread that makes threads: runtime sections may not allocate, `pthread_create` does.
//!
//! A request is a P on the list `Inner::requests`, linked through its idle link, with the spinning
//! state it is to start in.

use crate::m::{M, Spinning};
use crate::p::P;
use crate::state::{Inner, SCHED};
use crate::wakeup::hand;
use crate::{schedule, thread};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_gopark as gopark;
use gaggle_lock::{MutexGuard, Note};
use gaggle_prim::throw;

/// Woken once per batch of requests.
static NOTE: Note = Note::new();

/// Every M ever made, through `all_link`.
static ALL: AtomicPtr<M> = AtomicPtr::new(null_mut());
static MADE: AtomicU32 = AtomicU32::new(0);

/// Asks for a new M that runs `p`. The list being empty says that the spawner sleeps, or is about
/// to: then it is woken, once.
pub(crate) fn request(mut inner: MutexGuard<'_, Inner>, p: &'static P, spinning: Spinning) {
    inner.m_count += 1; // from now on it is an M that does not idle
    p.start_spinning.store(u32::from(spinning == Spinning::Yes), Ordering::Relaxed); // Relaxed: under the lock
    let first = inner.requests.is_null();
    // Relaxed: under the lock.
    p.idle_link.store(inner.requests, Ordering::Relaxed);
    inner.requests = core::ptr::from_ref(p).cast_mut();
    drop(inner);
    if first {
        NOTE.wakeup();
    }
}

/// The spawner's thread.
pub(crate) fn main(_: usize) {
    loop {
        NOTE.sleep();
        NOTE.clear();
        let mut list = {
            let _section = gopark::enter();
            core::mem::replace(&mut SCHED.lock().requests, null_mut())
        };
        // SAFETY: a P's memory is never freed.
        while let Some(p) = unsafe { list.as_ref() } {
            // Relaxed: the list is ours now.
            list = p.idle_link.swap(null_mut(), Ordering::Relaxed);
            // Relaxed: as above.
            let spins = p.start_spinning.load(Ordering::Relaxed) != 0;
            make_m(p, if spins { Spinning::Yes } else { Spinning::No });
        }
    }
}

/// Makes an M and its thread.
fn make_m(p: &P, spinning: Spinning) {
    // Relaxed: a unique number.
    let id = MADE.fetch_add(1, Ordering::Relaxed);
    let m: &'static M = Box::leak(Box::new(M::new(id)));
    hand(m, p, spinning);
    // Relaxed: the CAS below publishes.
    let mut head = ALL.load(Ordering::Relaxed);
    loop {
        // Relaxed: not published yet.
        m.all_link.store(head, Ordering::Relaxed);
        // Release: pairs with the Acquire in `for_each_m`. Relaxed on failure: again.
        match ALL.compare_exchange(
            head,
            core::ptr::from_ref(m).cast_mut(),
            Ordering::Release,
            Ordering::Relaxed,
        ) {
            Ok(_) => break,
            Err(now) => head = now,
        }
    }
    let arg = core::ptr::from_ref(m).expose_provenance();
    if let Err(error) = thread::start(&format!("gaggle-m{id}"), schedule::m_main, arg) {
        throw!("runtime: failed to create new OS thread (have {id} already): {error}");
    }
}

/// Looks at every M.
pub(crate) fn for_each_m(mut look: impl FnMut(&'static M)) {
    // Acquire: pairs with the Release in `make_m`.
    let mut m = ALL.load(Ordering::Acquire);
    // SAFETY: an M's memory is never freed.
    while let Some(this) = unsafe { m.as_ref() } {
        look(this);
        // Relaxed: written before the M was published.
        m = this.all_link.load(Ordering::Relaxed);
    }
}
