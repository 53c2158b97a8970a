//! The M's own stack: find a goroutine, run it, finish what it left, again.
//!
//! *Dead Stays Inside*: an M whose thread has ended stands inside the runtime until another thread takes
//! it over. So the monitor, which lends a P to an M that computes outside, never lends one to it.

use crate::goroutine::fiber;
use crate::goroutine::migrate::{self, RunBy};
use crate::goroutine::switch::{context_of, finish_departed};
use crate::machine::m::{Fate, M};
use crate::machine::spawner;
use crate::preempt::suspend;
use crate::round::find::find_runnable;
use crate::view::watch;
use core::sync::atomic::Ordering;
use gaggle_coro::{overflow::SignalStackRoom, switch};
use gaggle_gopark::{self as gopark, Section, sit};
use gaggle_prim::throw;

/// The body of an M's thread. It returns only when a goroutine has ended that was locked to it, or if
/// idle threads are reaped: else Ms that ran goroutines are kept (DESIGN 7).
pub(crate) fn m_main(m: usize) {
    // SAFETY: `make_m` exposed the address of an M that is never freed.
    let m: &'static M = unsafe { &*core::ptr::with_exposed_provenance(m) };
    let room = m.signal_stack.take(); // who made the thread has reserved it
    let _signal_stack = match room.map(SignalStackRoom::install) {
        Some(Ok(stack)) => stack,
        refused => throw!("runtime: no signal stack for m{}: {refused:?}", m.id),
    };
    suspend::unblock();
    // SAFETY: Seat Outlives: an M is never freed; this thread is new, and nobody has the value of a section.
    unsafe { sit(core::ptr::from_ref(m).cast()) };
    // SAFETY: always answers.
    let tid = unsafe { libc::syscall(libc::SYS_gettid) } as i32;
    m.tid.store(tid, Ordering::Relaxed); // Relaxed: the word's Release publishes it with the P
    fiber::thread_begins(m);
    m.base.store((&raw const tid).addr(), Ordering::Relaxed); // Relaxed: read while nothing runs
    rounds(m);
    m.base.store(0, Ordering::Relaxed); // Relaxed: as above; the stack will be somebody else's
    // SAFETY: `rounds` has no value of its section; nothing of the runtime is used from here on, and
    // destructors of thread-locals that use it find a plain thread.
    unsafe { sit(core::ptr::null()) };
}

fn rounds(m: &'static M) {
    let mut section = begin(m);
    m.seat.set_g(Some(m.g0()));
    m.g0.fiber.is_here();
    spawner::take_request(m);
    while m.fate.get() == Fate::Lives {
        let Some(g) = find_runnable(&mut section, m) else { break };
        if migrate::run_by(m, g) == RunBy::Another {
            continue;
        }
        let context = context_of(m, g);
        // SAFETY: Fiber Follows; the switch is next.
        unsafe { fiber::follow(m) };
        // SAFETY: Running Owns The Stack: `g` came off a queue; g0 stays on this thread.
        unsafe { switch(m.g0_context.as_ptr(), context, m.as_payload()) };
        fiber::arrived();
        watch::switched(m);
        finish_departed(&mut section, m);
    }
    spawner::bury(m);
    core::mem::forget(section); // Dead Stays Inside
}

/// The section of an M's thread: the one that its last thread has left behind, if there was one.
fn begin(m: &'static M) -> Section {
    if m.seat.depth() == 0 {
        return gopark::enter();
    }
    // SAFETY: Dead Stays Inside: that section has no value any more, and this thread sits there now.
    unsafe { Section::adopt() }
}
