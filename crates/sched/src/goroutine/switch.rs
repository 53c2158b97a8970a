//! From G to G: who departs leaves word, who arrives finishes the departed.
//!
//! A goroutine that stops cannot publish that it stopped while it still stands on its stack, so
//! it leaves a [`Departed`] with its M and switches; the arriving side (another goroutine, a fresh
//! one, or the M's own stack) calls [`arrive`] or [`finish`] first of all. The section that the
//! departing side opened stays open across the switch: its depth belongs to the thread.
//!
//! *Arrive First*: nothing runs between a switch and its `finish` but this file.

use crate::goroutine::{departed::Departed, exit, fiber, g::Goroutine, migrate, pin};
use crate::machine::{m::M, p::P};
use crate::round::{backlog::inject_of, timers, wakeup};
use crate::runq::Slice;
use crate::state::SCHED;
use crate::view::{dump, trace, watch};
use core::ptr::NonNull;
use gaggle_coro::{Context, Stack, prepare, stack::depot, switch};
use gaggle_gopark::{Claim, Commit, Committed, GQueue, GRef, MState, Section, Ticket};
use gaggle_prim::{fatal, throw};

/// Leaves the stack of `g` for whatever is next; returns when `g` runs again, perhaps on another
/// thread. `departed` is the word it leaves: made where it is left, it is never put together.
#[inline(always)]
pub(crate) fn leave(
    section: &mut Section,
    g: &'static Goroutine,
    departed: impl FnOnce() -> Departed,
) {
    let m = M::on(section);
    if pin::keeps_its_thread(g) {
        return pin::leave(section, m, g, departed());
    }
    m.departed.set(departed());
    go_on(section, m, g);
}

/// The switch of [`leave`], once the word is left.
#[inline(always)]
fn go_on(section: &mut Section, m: &'static M, g: &'static Goroutine) {
    g.fiber.is_here();
    let target = next_context(m);
    // SAFETY: Fiber Follows; the switch is next.
    unsafe { fiber::follow(m) };
    // SAFETY: Running Owns The Stack: the target is off its stack, `g` is on ours; whoever
    // resumes us took `g` off a queue after `finish` published it.
    let came_with = unsafe { switch(g.context.as_ptr(), target, m.as_payload()) };
    fiber::arrived();
    // SAFETY: it came with the switch.
    unsafe { arrive(section, came_with) };
}

/// What became of a [`swap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "`NotHere`: the caller must leave by g0"]
pub(crate) enum Swap {
    /// It has yielded and is back, or there was nobody to yield to.
    Done,
    /// The ordinary round must decide.
    NotHere,
}

/// Puts the current goroutine, which is `g`, behind the global queue and goes straight to the first
/// one there. One hold of the lock, which travels: nobody can take `g` off the queue before we are
/// off its stack. `g` takes the other's place, so whoever was woken for that one finds this one, and
/// nobody else need be woken.
pub(crate) fn swap(section: &mut Section, m: &'static M, g: GRef) -> Swap {
    if !SCHED.has_queued() {
        return Swap::Done;
    }
    let goroutine = Goroutine::of(g);
    if pin::keeps_its_thread(goroutine) {
        return Swap::NotHere;
    }
    let mut inner = SCHED.lock();
    let suits = |next: GRef| {
        let next = Goroutine::of(next);
        next.home().is_none() && !next.is_fresh()
    };
    let Some(next) = inner.backlog.swap(g, suits) else { return Swap::NotHere };
    m.departed.set(Departed::Swapped(g, Commit::unlock(inner)));
    goroutine.fiber.is_here();
    let target = context_of(m, next);
    // SAFETY: Fiber Follows; the switch is next.
    unsafe { fiber::follow(m) };
    // SAFETY: Running Owns The Stack: `next` came off a queue; `g` is on ours, and is found by
    // others only after the commit.
    let came_with = unsafe { switch(goroutine.context.as_ptr(), target, m.as_payload()) };
    fiber::arrived();
    // SAFETY: it came with the switch.
    unsafe { arrive(section, came_with) };
    Swap::Done
}

/// The first act of a goroutine on a thread it has just come to.
///
/// # Safety
///
/// `came_with` came with the switch to here.
#[inline]
pub(crate) unsafe fn arrive(section: &mut Section, came_with: usize) {
    // SAFETY: the caller's promise.
    let m = unsafe { M::of_payload(came_with) };
    // SAFETY: whoever switched to us stood on this thread, and sent its M along.
    unsafe { section.reseat(NonNull::from(m).cast()) };
    fiber::comes_to(m);
    watch::switched(m);
    match m.departed.take_parked() {
        Some((g, commit)) => finish_park(section, g, commit),
        None => match m.departed.take_yielded() {
            Some(g) => stands_back(m, g),
            None => finish_departed(section, m),
        },
    }
    if let Some(g) = m.seat.g() {
        g.status().execute();
    }
}

/// The context of the next goroutine found near, or of the M's own stack.
#[inline]
pub(crate) fn next_context(m: &'static M) -> Context {
    match next_local(m) {
        Some(g) => context_of(m, g),
        None => to_g0(m),
    }
}

/// The M's own stack: it looks for work far and wide.
pub(crate) fn to_g0(m: &'static M) -> Context {
    m.seat.set_g(Some(m.g0()));
    m.g0_context.get()
}

/// The next goroutine of this P's own queue; none if the scheduler has other things to look at.
#[inline]
pub(crate) fn next_local(m: &'static M) -> Option<GRef> {
    let Some(p) = m.p() else { return without_p(m) };
    next_local_of(m, p)
}

/// The same of an M that has this P.
#[inline]
pub(crate) fn next_local_of(m: &'static M, p: &P) -> Option<GRef> {
    if m.seat.word().state() == MState::Ask {
        return end_slice(m, p);
    }
    if looks_elsewhere(p) {
        return None;
    }
    let (g, slice) = p.runq.get().or_else(|| next_yielded(p))?;
    begin_slice(p, slice);
    Some(g)
}

/// The first of those of this P who yielded, if nobody of the global queue goes before them.
#[inline]
fn next_yielded(p: &P) -> Option<(GRef, Slice)> {
    if SCHED.has_queued() { None } else { p.runq.get_yielded().map(|g| (g, Slice::Fresh)) }
}

/// Whoever was taken from the P's queue goes on with this slice.
#[inline]
pub(crate) fn begin_slice(p: &P, slice: Slice) {
    if slice == Slice::Fresh {
        p.tick();
        prefetch(p);
    }
}

/// Asks for the memory of those that run next on this P. Of very many, none is in a cache by then.
#[inline]
fn prefetch(p: &P) {
    let Some((next, third)) = p.runq.ahead() else { return };
    if let Some(g) = third {
        Goroutine::of(g).prefetch();
    }
    if let Some(g) = next {
        Goroutine::of(g).prefetch_stack();
    }
}

/// The P was taken while the M was outside the runtime: it looks for one on its own stack.
#[cold]
fn without_p(m: &'static M) -> Option<GRef> {
    m.seat.word().give_in();
    None
}

/// Finds the M a P, at a switch point of its goroutine (SEMANTICS F2): an idle one, or the
/// goroutine waits behind all others. The word says `TAKEN`.
pub(crate) fn regain(section: &mut Section) {
    let m = M::on(section);
    if let Some(p) = idle_p_to_go_on() {
        m.seat.word().give_in();
        m.acquire_p(p);
        trace::of_g(m, trace::Kind::Start);
        return;
    }
    let g = section.current();
    leave(section, Goroutine::of(g), || Departed::Preempted(g));
}

/// An idle P with which a goroutine may go on where it is: none if it is to go on elsewhere.
fn idle_p_to_go_on() -> Option<&'static P> {
    if migrate::is_on() { None } else { SCHED.lock().take_idle_p() }
}

/// The monitor asked for the time slice of whoever has just stopped: the slice ends here, and is
/// not left to the next goroutine; one that would inherit it goes behind everybody, or to those whose
/// time has come if it is one of them.
#[cold]
fn end_slice(m: &'static M, p: &P) -> Option<GRef> {
    m.seat.word().answer();
    p.tick();
    if let Some(g) = p.runq.take_next() {
        let mut one = GQueue::new();
        one.push_back(g);
        inject_of(p, &mut one);
    }
    None
}

/// True every 61st tick (SEMANTICS E5), when a timer may be due, when the P is to retire, and when
/// something needs attention.
#[inline]
pub(crate) fn looks_elsewhere(p: &P) -> bool {
    p.schedtick().is_multiple_of(crate::round::find::GLOBAL_TICKS)
        || p.id >= SCHED.procs()
        || SCHED.needs_attention()
        || timers::may_be_due(p)
}

/// Makes `g` the M's current goroutine and returns where it goes on; a fresh one gets a stack.
#[inline]
pub(crate) fn context_of(m: &'static M, g: GRef) -> Context {
    let goroutine = Goroutine::of(g);
    if goroutine.is_fresh() {
        attach(m.owned_p(), goroutine);
    }
    m.seat.set_g(Some(g));
    goroutine.context.get()
}

#[inline(never)]
fn attach(p: &P, goroutine: &'static Goroutine) {
    let stack = match goroutine.stack_size.get() {
        // SAFETY: Owner Of P.
        0 => unsafe { &mut *p.owned.stacks.get() }.take(),
        size => depot().take(size).ok(),
    };
    let Some(stack) = stack else { out_of_stacks() };
    adopt_stack(goroutine, stack);
}

/// The current goroutine has just begun, on a stack that it took from its P, and nobody is to wait while the P gets more.
#[inline]
pub(crate) fn restock(section: &Section) {
    let Some(p) = M::of(section).and_then(M::p) else { return };
    // SAFETY: Owner Of P.
    unsafe { &mut *p.owned.stacks.get() }.restock();
}

/// Gives `stack` to a fresh goroutine, to begin at its entry.
pub(crate) fn adopt_stack(goroutine: &'static Goroutine, stack: Stack) {
    goroutine.fiber.stands_on(&stack);
    // SAFETY: Running Owns The Stack: nothing runs on a pooled stack, and it stays with the
    // goroutine until it has exited.
    goroutine.context.set(unsafe { prepare(&stack, exit::entry) });
    goroutine.stack.set(Some(stack));
}

#[cold]
#[inline(never)]
fn out_of_stacks() -> ! {
    dump::is_about_everybody();
    fatal!("out of memory: cannot map a stack ({} goroutines live)", SCHED.live())
}

/// Finishes whoever left this thread's stack: it is off it now.
#[inline(never)]
pub(crate) fn finish_departed(section: &mut Section, m: &'static M) {
    finish(section, m, m.departed.take());
}

/// The same, of the word itself.
#[inline(always)]
pub(crate) fn finish(section: &mut Section, m: &'static M, departed: Departed) {
    match departed {
        Departed::Nobody => {}
        Departed::Parked(g, commit) => finish_park(section, g, commit),
        Departed::ParkedUntil(g, commit, ticket, when) => {
            finish_timed_park(section, m, g, commit, (ticket, when));
        }
        Departed::Yielded(g) => stands_back(m, g),
        Departed::Preempted(g) => stands_behind_all(m, g),
        Departed::Swapped(g, unlock) => {
            g.status().yield_now();
            // SAFETY: the swapped goroutine is off its stack, on this thread.
            let Committed::Stay = (unsafe { unlock.run() }) else { throw!("a swap was refused") };
        }
        Departed::Exited(g) => exit::bury(m.owned_p(), Goroutine::of(g)),
    }
}

/// Puts `g` behind all others and, as long as nobody of the global queue goes before it, with this P. One that keeps
/// its thread is no part of a P's queue.
#[inline(never)]
fn stands_back(m: &'static M, g: GRef) {
    let near = m.p().filter(|_| Goroutine::of(g).home().is_none());
    let Some(p) = near else { return stands_behind_all(m, g) };
    g.status().yield_now();
    if !p.runq.put_yielded_if_room(g) {
        overflow_yielded(p, g);
    }
    if SCHED.procs() > 1 {
        wakeup::injected();
    }
}

#[cold]
#[inline(never)]
fn overflow_yielded(p: &P, g: GRef) {
    if let Some(mut overflow) = p.runq.put_yielded(g) {
        SCHED.lock().backlog.push_all(&mut overflow);
    }
}

/// Puts `g` behind the global queue, and behind those of this P who yielded before.
#[cold]
#[inline(never)]
fn stands_behind_all(m: &'static M, g: GRef) {
    g.status().yield_now();
    let mut inner = SCHED.lock();
    if let Some(p) = m.p() {
        inner.backlog.take_yielded_of(p);
    }
    inner.backlog.push_yielded(g);
    drop(inner);
    wakeup::injected();
}

#[inline]
fn finish_park(section: &mut Section, g: GRef, commit: Commit) {
    g.status().park();
    // SAFETY: the G is `Waiting`, off its stack, and this is the thread that parked it.
    match unsafe { commit.run() } {
        Committed::Stay => {}
        Committed::Refuse | Committed::Ended => section.ready(g),
    }
}

fn finish_timed_park(
    section: &mut Section,
    m: &'static M,
    g: GRef,
    commit: Commit,
    (ticket, when): (Ticket, u64),
) {
    g.status().park();
    let p = m.owned_p();
    let busy = m.seat.g() != Some(m.g0()) || !p.runq.is_empty_here();
    timers::add_wait(p, when, g, ticket, busy);
    // SAFETY: the G is `Waiting`, off its stack, and this is the thread that parked it.
    match unsafe { commit.run() } {
        Committed::Stay => return,
        // Its timer was faster and has readied it.
        Committed::Refuse if !g.wait().claim(ticket, Claim::Wake) => return,
        Committed::Refuse | Committed::Ended => {}
    }
    section.ready(g);
}
