//! `GAGGLE_DEBUG=migrate=1`: after every switch point a goroutine goes on on another thread, so that
//! a program that counts on its thread fails in its tests and not once a month (DESIGN 7).
//!
//! Every switch point yields, because an M that runs a goroutine asks it for its time slice at once. An M
//! that would run a goroutine which it has run of late gives its P and the goroutine to one that has
//! not. One operation may switch several times (it yields, waits, waits again), so "of late" is more
//! than once, lest the goroutine come back to where it began.

use crate::goroutine::g::Goroutine;
use crate::machine::m::{M, Spinning};
use crate::machine::{spawner, stop};
use crate::round::{backlog::inject_of, wakeup};
use crate::state::{Attention, SCHED};
use gaggle_gopark::GRef;

/// Switches it on, for good. At boot.
pub(crate) fn switch_on() {
    SCHED.set_attention(Attention::Migrate); // every switch goes by the M's own stack
}

#[inline]
pub(crate) fn is_on() -> bool {
    SCHED.has_attention(Attention::Migrate)
}

/// Who runs the goroutine that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunBy {
    /// The M that found it.
    Finder,
    /// Another M, which has the P now too; the finder has slept and has another P.
    Another,
}

/// Decides that.
#[inline]
pub(crate) fn run_by(m: &'static M, g: GRef) -> RunBy {
    if is_on() { other_than_last(m, g) } else { RunBy::Finder }
}

/// The Ms that ran a goroutine of late: one more than the number of each, the last one first.
pub(crate) type Trail = [u32; 4];

/// The M has a P again without a switch: at the next switch point its goroutine leaves it nevertheless.
#[inline]
pub(crate) fn goes_on(m: &'static M) {
    if is_on() {
        m.seat.word().ask(); // false: it has stopped already, or was asked
    }
}

#[cold]
fn other_than_last(m: &'static M, g: GRef) -> RunBy {
    let goroutine = Goroutine::of(g);
    let trail = goroutine.trail.get();
    let ran_it = |m: &M| trail.contains(&(m.id + 1));
    if !ran_it(m) {
        let [a, b, c, _] = trail;
        goroutine.trail.set([m.id + 1, a, b, c]);
        m.seat.word().ask(); // false: the monitor was faster
        return RunBy::Finder;
    }
    let p = m.owned_p();
    if let Some(mut overflow) = p.runq.put_next(g) {
        inject_of(p, &mut overflow);
    }
    m.release_p();
    let mut inner = SCHED.lock();
    match inner.take_idle_m_that(|m| !ran_it(m)) {
        Some(other) => {
            wakeup::hand(other, p, Spinning::No);
            drop(inner);
            other.wake();
        }
        None => spawner::request(inner, p, Spinning::No),
    }
    stop::stop(m);
    RunBy::Another
}
