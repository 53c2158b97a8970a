//! Goroutines that keep their thread: when such a one waits, its M waits with it.
//!
//! Three reasons: the user pinned it ([`pin`]) or locked it to its thread (`lock_thread.rs`), or it
//! blocks while it panics (std counts panics per thread, so an unwinding goroutine must end its
//! unwinding where it began).
//!
//! The M gives its P away, sleeps on its note, and is the goroutine's *home* meanwhile. Whoever
//! finds the goroutine ready sends a P home: the one that readied it, if a P is idle; else the M
//! that takes it off the global queue, which then stops in its place (SEMANTICS A19).
//!
//! *Home Is Set Before Waiting*: `home` is written before the commit that lets others find the
//! goroutine, and cleared by its own M once it has a P again; so whoever readied it, or took it
//! off a queue, sees it.

use crate::ends::{deadlock, panics};
use crate::goroutine::g::{Goroutine, Pin};
use crate::goroutine::{departed::Departed, switch};
use crate::machine::m::{M, Spinning};
use crate::machine::{p::P, stop};
use crate::preempt::handoff::{self, Use};
use crate::replay;
use crate::round::wakeup;
use crate::state::{Inner, SCHED};
use crate::view::watch;
use gaggle_gopark::{self as gopark, GRef, SeatKind, Section};
use gaggle_prim::throw;

/// True if `g` may not come back on another thread.
#[inline]
pub(crate) fn keeps_its_thread(g: &Goroutine) -> bool {
    (g.pin.get() != Pin::Free && is_pinned(g)) || g.is_locked() || std::thread::panicking()
}

/// The same of one that is pinned, or has raised something: if it does not unwind, that was caught.
#[cold]
#[inline(never)]
fn is_pinned(g: &Goroutine) -> bool {
    if matches!(g.pin.get(), Pin::Watched(_)) && !std::thread::panicking() {
        panics::all_caught(g);
    }
    g.pin.get().depth() > 0
}

/// What [`switch::leave`] does for a goroutine that keeps its thread.
#[cold]
#[inline(never)]
pub(crate) fn leave(
    section: &mut Section,
    m: &'static M,
    goroutine: &'static Goroutine,
    departed: Departed,
) {
    goroutine.set_home(Some(m));
    // As if we had left: the stack stays ours, because nobody but this thread resumes it.
    watch::left(m, goroutine, departed.why());
    switch::finish(section, m, departed);
    give_p_away(m);
    m.note.sleep();
    m.note.clear();
    let Some(p) = m.take_next_p() else { throw!("a pinned goroutine was woken without a p") };
    m.acquire_p(p);
    watch::runs(m);
    goroutine.g.status().execute();
    goroutine.set_home(None); // not before: who sees it runnable must see that it has not left its stack
}

/// Hands the P on: the M is about to wait for its goroutine alone.
fn give_p_away(m: &'static M) {
    let Some(p) = m.p() else { return without_p(m) };
    m.release_p();
    let mut inner = SCHED.lock();
    inner.pinned_m_count += 1;
    if replay::is_on() {
        return wakeup::start_m(inner, p, Spinning::No);
    }
    if handoff::start_or_rest(inner, p) == Use::Rests {
        deadlock::check(SCHED.lock());
    }
}

/// The P was taken already.
fn without_p(m: &'static M) {
    m.seat.word().give_in();
    let mut inner = SCHED.lock();
    inner.pinned_m_count += 1;
    deadlock::check(inner);
}

/// Readies a goroutine whose home waits for it: with an idle P at once, else through the queue.
#[cold]
#[inline(never)]
pub(crate) fn ready(g: GRef) {
    let Some(home) = Goroutine::of(g).home() else { throw!("pin: no home to send a p to") };
    let mut inner = SCHED.lock();
    match inner.take_idle_p() {
        Some(p) => {
            inner.pinned_m_count -= 1;
            wakeup::hand(home, p, Spinning::No);
            drop(inner);
            home.note.wakeup();
        }
        None => {
            inner.backlog.push(g);
        }
    }
}

/// Gives this M's P to the home of a goroutine it took off the global queue, and stops. Returns
/// with another P.
pub(crate) fn send_home(m: &'static M, home: &'static M) {
    let p = m.release_p();
    {
        let mut inner = SCHED.lock();
        inner.pinned_m_count -= 1;
        wakeup::hand(home, p, Spinning::No);
    }
    home.note.wakeup();
    stop::stop(m);
}

/// Gives `p` to the home of a goroutine on the global queue, if there is one: no M is to be had, and that
/// goroutine needs none. Under the scheduler's lock; else `p` comes back.
pub(crate) fn send_one_home(inner: &mut Inner, p: &'static P) -> Result<(), &'static P> {
    if inner.pinned_m_count == 0 {
        return Err(p);
    }
    let home = inner.backlog.pop_at_home().and_then(|g| Goroutine::of(g).home());
    let home = home.ok_or(p)?;
    inner.pinned_m_count -= 1;
    wakeup::hand(home, p, Spinning::No);
    home.note.wakeup();
    Ok(())
}

/// Runs `f` with the current goroutine pinned to its thread: thread-locals stay true across
/// blocking calls inside, which block the thread (its P goes to another one). Nests. On a plain
/// thread it just runs `f`.
pub fn pin<R>(f: impl FnOnce() -> R) -> R {
    let _pinned = Pinned::new();
    f()
}

/// The pin of one [`pin`] call; taken off even if `f` unwinds.
struct Pinned(Option<&'static Goroutine>);

impl Pinned {
    fn new() -> Self {
        let goroutine = {
            let section = gopark::enter();
            (section.seat().kind() == SeatKind::Machine).then(|| Goroutine::of(section.current()))
        };
        if let Some(goroutine) = goroutine {
            let pin = goroutine.pin.get();
            goroutine.pin.set(pin.with_depth(pin.depth() + 1));
        }
        Self(goroutine)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Some(goroutine) = self.0 {
            let pin = goroutine.pin.get();
            goroutine.pin.set(pin.with_depth(pin.depth().saturating_sub(1)));
        }
    }
}
