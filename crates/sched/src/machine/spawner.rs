//! The thread that makes threads: runtime sections may not allocate, `pthread_create` does.
//!
//! A request is a P on the list `Inner::requests`, linked through its idle link, with the spinning
//! state its M is to start in, and one more in `ms_to_make`. *Who Comes Takes*: the P stays on the
//! list until an M is there to take it, so the monitor can give it to others if that never happens.

use crate::ends::{deadlock, turn};
use crate::goroutine::spawn;
use crate::machine::m::{Fate, M, Spinning};
use crate::machine::thread::{self, Thread};
use crate::machine::{p::P, procs, shortage, stop};
use crate::preempt::cpu::Cpu;
use crate::preempt::mode::{self, Mode};
use crate::preempt::{handoff, retake};
use crate::round::{overdue, schedule, wakeup};
use crate::state::{Inner, SCHED, Spawner};
use crate::view::dump;
use crate::view::schedtrace::Line;
use core::fmt::Write;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use gaggle_coro::overflow::SignalStack;
use gaggle_gopark as gopark;
use gaggle_lock::{MutexGuard, Note};
use gaggle_prim::fatal;
use gaggle_race::Hush;

/// Woken once per batch of requests.
static NOTE: Note = Note::new();

/// Every M ever made, through `all_link`.
static ALL: AtomicPtr<M> = AtomicPtr::new(null_mut());
static MADE: AtomicU32 = AtomicU32::new(0);

/// The most threads there may be (SEMANTICS D7).
static MAX_THREADS: AtomicU32 = AtomicU32::new(10_000);

/// The most threads there may be.
pub(crate) fn max_threads() -> u32 {
    MAX_THREADS.load(Ordering::Relaxed) // Relaxed: a limit, nothing is read through it
}

/// Sets the most threads the scheduler may have, 10,000 at first, and returns the old limit.
///
/// Threads that block in calls are replaced, so a program that blocks in very many at once needs
/// many threads. One that needs more than the limit ends with Go's text (SEMANTICS D7); so does
/// the process at once, if it has more than `count` already. Threads of goroutines that were stopped
/// in the middle do not count: preemption exceeds no limit.
///
/// # Examples
///
/// ```
/// let old = gaggle_sched::set_max_threads(20_000);
/// assert_eq!(gaggle_sched::set_max_threads(old), 20_000);
/// ```
pub fn set_max_threads(count: usize) -> usize {
    let count = u32::try_from(count).unwrap_or(u32::MAX).min(i32::MAX as u32);
    let old = MAX_THREADS.swap(count, Ordering::Relaxed); // Relaxed: see `max_threads`
    let _section = gopark::enter();
    let inner = SCHED.lock();
    if counted(&inner) > count {
        drop(inner);
        exhausted();
    }
    old as usize
}

/// How many threads there are by the limit's count: those that hold a goroutine which was stopped in the
/// middle are no more than that goroutine, which has none in Go.
fn counted(inner: &Inner) -> u32 {
    inner.m_count.saturating_sub(inner.backlog.line_len())
}

/// True if there is an M for what is not urgent: an idle one, or one that may be made. While preemption
/// stops goroutines, each new M stands for one that no longer counts. If it leaves them computing it takes half of
/// what the limit allows, and no more: the other half is for calls that block.
pub(crate) fn has_one_to_spare(inner: &Inner) -> bool {
    let stops = mode::mode() == Mode::Strict && retake::may_stop_more(inner);
    let most = if stops { max_threads() } else { max_threads() / 2 };
    inner.idle_m_count > 0 || counted(inner) < most
}

/// Dies of it, inside a section: of several at once the first one speaks.
#[cold]
fn exhausted() -> ! {
    static SAID: AtomicU32 = AtomicU32::new(0);
    // Relaxed: one wins; nothing is read through it.
    if SAID.swap(1, Ordering::Relaxed) != 0 {
        turn::sleep_for_ever();
    }
    let mut line = Line::new();
    let _ = writeln!(line, "runtime: program exceeds {}-thread limit", max_threads()); // it fits
    line.flush();
    dump::is_about_everybody();
    fatal!("thread exhaustion");
}

/// There are as many threads as may be. One in line has a thread and only lacks a P: it goes on, and
/// what `p` was for waits. With nobody in line the limit is exceeded.
#[cold]
fn beyond_the_limit(inner: MutexGuard<'_, Inner>, p: &'static P, spinning: Spinning) {
    let Some(m) = inner.backlog.first_in_line() else {
        drop(inner);
        exhausted();
    };
    handoff::grant(inner, m, p);
    if spinning == Spinning::Yes {
        SCHED.wake.end_spinning();
        wakeup::submitted(); // event Withdraw
    }
}

/// Asks for a new M that runs `p`.
pub(crate) fn request(mut inner: MutexGuard<'_, Inner>, p: &'static P, spinning: Spinning) {
    if counted(&inner) >= max_threads() {
        return beyond_the_limit(inner, p, spinning);
    }
    inner.m_count += 1; // from now on it is an M that does not idle
    inner.ms_to_make += 1;
    p.start_spinning.store(u32::from(spinning == Spinning::Yes), Ordering::Relaxed); // Relaxed: under the lock
    // Relaxed: under the lock.
    p.idle_link.store(inner.requests, Ordering::Relaxed);
    inner.requests = core::ptr::from_ref(p).cast_mut();
    let sleeps = core::mem::replace(&mut inner.spawner, Spawner::Awake) == Spawner::Asleep;
    drop(inner);
    if sleeps {
        NOTE.wakeup();
    }
}

/// Takes a P that waits for a new M, and whether its M is to spin.
pub(crate) fn take_requested(inner: &mut Inner) -> Option<(&'static P, Spinning)> {
    // SAFETY: a P's memory is never freed.
    let p = unsafe { inner.requests.as_ref() }?;
    // Relaxed: under the lock.
    inner.requests = p.idle_link.swap(null_mut(), Ordering::Relaxed);
    // Relaxed: as above.
    let spins = p.start_spinning.load(Ordering::Relaxed) != 0;
    Some((p, if spins { Spinning::Yes } else { Spinning::No }))
}

/// The first act of a new M: takes the P that waits for it. If somebody else has taken that
/// meanwhile, it sleeps like any idle M.
pub(crate) fn take_request(m: &'static M) {
    let requested = take_requested(&mut SCHED.lock());
    match requested {
        Some((p, spinning)) => {
            m.spinning.set(spinning);
            m.acquire_p(p);
        }
        None => stop::stop(m),
    }
}

/// What `requests` looked like to the monitor at its last tick.
static WAITED: AtomicPtr<P> = AtomicPtr::new(null_mut());

/// A thread that makes threads may stand still in `malloc` because a goroutine was stopped there:
/// gives a P that has waited for a whole tick to the first goroutine in line. For the monitor.
pub(crate) fn rescue() {
    let mut inner = SCHED.lock();
    // Relaxed: the monitor's own note.
    let waits = WAITED.swap(inner.requests, Ordering::Relaxed) == inner.requests;
    if !waits || inner.requests.is_null() {
        return;
    }
    let Some(m) = inner.backlog.first_in_line() else { return };
    let Some((p, spinning)) = take_requested(&mut inner) else { return };
    handoff::grant(inner, m, p);
    if spinning == Spinning::Yes {
        SCHED.wake.end_spinning();
        wakeup::submitted();
    }
}

/// The spawner's thread.
pub(crate) fn main(_: usize) {
    Hush::begins(); // for ever
    let mut spare = Vec::new();
    loop {
        NOTE.sleep();
        NOTE.clear();
        while is_wanted() {
            collect(&mut spare);
            let m = spare.pop().unwrap_or_else(make_m);
            spare.extend(start(m));
            run_errands(); // there may be no end of Ms that cannot be made
        }
        collect(&mut spare);
        run_errands();
    }
}

fn run_errands() {
    // Relaxed: the note orders it.
    let errands = ERRANDS.swap(NONE, Ordering::Relaxed);
    if errands & PROCS != 0 {
        procs::follow_the_machine();
    }
    if errands & GOROUTINES != 0 {
        overdue::start_all();
    }
    if errands & FREE != 0 {
        spawn::make_free();
    }
}

/// What the spawner is asked to do besides: it is the thread of the runtime that may allocate.
static ERRANDS: AtomicU32 = AtomicU32::new(NONE);
const NONE: u32 = 0;
const PROCS: u32 = 1;
const GOROUTINES: u32 = 2;
const FREE: u32 = 4;

/// Asks for a look at how many Ps there should be. For the monitor.
pub(crate) fn ask_to_follow_the_machine() {
    ask(PROCS);
}

/// Asks for free goroutines, for calls that wait for them.
pub(crate) fn ask_for_goroutines() {
    ask(GOROUTINES);
}

/// Asks for free goroutines, for whoever takes them.
pub(crate) fn ask_for_free() {
    ask(FREE);
}

fn ask(errand: u32) {
    ERRANDS.fetch_or(errand, Ordering::Relaxed); // Relaxed: the note orders it
    let sleeps = {
        let mut inner = SCHED.lock();
        core::mem::replace(&mut inner.spawner, Spawner::Awake) == Spawner::Asleep
    };
    if sleeps {
        NOTE.wakeup();
    }
}

/// The last act of an M whose thread ends: its P, if it has one, goes to others, its memory to a new thread.
pub(crate) fn bury(m: &'static M) {
    if m.p().is_some() {
        handoff::hand_off(m.release_p(), Cpu::here());
    }
    m.seat.set_g(None);
    m.fate.set(Fate::Lives);
    let sleeps = {
        let mut inner = SCHED.lock();
        inner.m_count -= 1;
        // Relaxed: under the lock.
        m.idle_link.store(inner.buried_ms, Ordering::Relaxed);
        inner.buried_ms = core::ptr::from_ref(m).cast_mut();
        let sleeps = core::mem::replace(&mut inner.spawner, Spawner::Awake) == Spawner::Asleep;
        deadlock::check(inner); // it may have been the last M awake
        sleeps
    };
    if sleeps {
        NOTE.wakeup();
    }
}

/// Keeps the Ms whose threads have ended for new ones; the others are looked at again when there is
/// something else to do.
fn collect(spare: &mut Vec<&'static M>) {
    let mut list = {
        let _section = gopark::enter();
        core::mem::replace(&mut SCHED.lock().buried_ms, null_mut())
    };
    let mut ending = null_mut();
    // SAFETY: an M's memory is never freed.
    while let Some(m) = unsafe { list.as_ref() } {
        // Relaxed: the list is ours now.
        list = m.idle_link.swap(null_mut(), Ordering::Relaxed);
        m.thread.set(m.thread.take().and_then(Thread::try_join));
        // SAFETY: the spawner's own field.
        if unsafe { &*m.thread.as_ptr() }.is_none() {
            spare.push(m);
        } else {
            m.idle_link.store(ending, Ordering::Relaxed); // Relaxed: as above
            ending = core::ptr::from_ref(m).cast_mut();
        }
    }
    put_back(ending);
}

/// Puts Ms whose threads are still ending back onto the list.
fn put_back(mut ending: *mut M) {
    let _section = gopark::enter();
    let mut inner = SCHED.lock();
    // SAFETY: an M's memory is never freed.
    while let Some(m) = unsafe { ending.as_ref() } {
        // Relaxed: under the lock.
        ending = m.idle_link.swap(inner.buried_ms, Ordering::Relaxed);
        inner.buried_ms = core::ptr::from_ref(m).cast_mut();
    }
}

/// True if there is one more M to make; else the spawner may sleep.
fn is_wanted() -> bool {
    let _section = gopark::enter();
    let mut inner = SCHED.lock();
    let Some(left) = inner.ms_to_make.checked_sub(1) else {
        inner.spawner = Spawner::Asleep;
        return false;
    };
    inner.ms_to_make = left;
    true
}

/// Makes an M.
fn make_m() -> &'static M {
    // Relaxed: a unique number.
    let id = MADE.fetch_add(1, Ordering::Relaxed);
    let m: &'static M = Box::leak(Box::new(M::new(id)));
    // Relaxed: the CAS below publishes.
    let mut head = ALL.load(Ordering::Relaxed);
    loop {
        // Relaxed: not published yet.
        m.all_link.store(head, Ordering::Relaxed);
        let place = core::ptr::from_ref(m).cast_mut();
        // Release: pairs with the Acquire in `for_each_m`. Relaxed on failure: again.
        match ALL.compare_exchange(head, place, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return m,
            Err(now) => head = now,
        }
    }
}

/// Starts the thread of `m`; hands `m` back if the system has no thread to give.
fn start(m: &'static M) -> Option<&'static M> {
    let arg = core::ptr::from_ref(m).expose_provenance();
    let begun = SignalStack::reserve().and_then(|room| {
        m.signal_stack.set(Some(room)); // read by the thread, which is not there yet
        thread::start(&format!("gaggle-m{}", m.id), schedule::m_main, arg)
    });
    match begun {
        Ok(thread) => {
            m.thread.set(Some(thread));
            None
        }
        Err(error) => {
            m.signal_stack.set(None);
            shortage::do_without(&error);
            Some(m)
        }
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
