//! `GAGGLE_DEBUG=migrate=1`: after every switch point a goroutine goes on on another thread, so that
//! a program that counts on its thread fails in its tests and not once a month (DESIGN 7).
//!
//! Every switch point yields, because an M that gets a P asks itself for the time slice at once.
//! An M that would run a goroutine that it ran last gives its P and the goroutine to another M.

use crate::g::Goroutine;
use crate::m::{M, Spinning};
use crate::state::{Attention, SCHED};
use crate::{stop, wakeup};
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::GRef;

const OFF: u32 = 0;
const ON: u32 = 1;
static STATE: AtomicU32 = AtomicU32::new(OFF);

/// Switches it on, for good. At boot.
pub(crate) fn switch_on() {
    STATE.store(ON, Ordering::Relaxed); // Relaxed: before the first M
    SCHED.set_attention(Attention::Migrate); // every switch goes by the M's own stack
}

#[inline]
fn is_on() -> bool {
    SCHED.has_attention(Attention::Migrate)
}

/// A P was acquired: the goroutine that runs first on it yields at its first switch point.
#[inline]
pub(crate) fn acquired(m: &M) {
    if STATE.load(Ordering::Relaxed) == ON {
        m.seat.word().ask(); // false: the monitor was faster
    }
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

#[cold]
fn other_than_last(m: &'static M, g: GRef) -> RunBy {
    let goroutine = Goroutine::of(g);
    if goroutine.last_m.replace(m.id + 1) != m.id + 1 {
        return RunBy::Finder;
    }
    let p = m.owned_p();
    if let Some(mut overflow) = p.runq.put_next(g) {
        SCHED.inject(&mut overflow);
    }
    wakeup::start_m(SCHED.lock(), m.release_p(), Spinning::No);
    stop::stop(m);
    RunBy::Another
}
