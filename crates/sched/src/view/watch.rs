//! The moments at which a goroutine changes, for whoever watches: one word, looked at once per moment.
//!
//! Off, each costs the load of that word. `latency.rs` measures, for `contention.rs` too; `trace/` writes down.

use crate::goroutine::g::Goroutine;
use crate::machine::{m::M, p::P};
use crate::view::{latency, trace};
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::{self as gopark, GRef, Section};

/// Who watches: a set of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Watcher {
    Latency = 1,
    Trace = 2,
    Contention = 4,
    /// Since when each runs, for the watchdog (`census.rs`).
    Runs = 8,
}

static WATCHERS: AtomicU32 = AtomicU32::new(0);

/// From now on it watches.
pub(crate) fn switch_on(watcher: Watcher) {
    WATCHERS.fetch_or(watcher as u32, Ordering::Relaxed); // Relaxed: what was not seen is not counted
}

/// From now on it does not.
pub(crate) fn switch_off(watcher: Watcher) {
    WATCHERS.fetch_and(!(watcher as u32), Ordering::Relaxed); // Relaxed: as above
}

#[inline(always)]
fn watchers() -> u32 {
    WATCHERS.load(Ordering::Relaxed) // Relaxed: see `switch_on`
}

/// True if it watches.
#[inline]
pub(crate) fn is_watched(watcher: Watcher) -> bool {
    watchers() & watcher as u32 != 0
}

/// True if `latency.rs` is to know.
fn is_measured() -> bool {
    is_watched(Watcher::Latency) || is_watched(Watcher::Contention) || is_watched(Watcher::Runs)
}

/// Why a goroutine has left its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Left {
    /// It waits for what its header says.
    Waits,
    /// It goes on later.
    Yielded,
    /// Its function returned.
    Ended,
}

/// A goroutine is about to be put on a queue for the first time. It has its number already.
#[inline(always)]
pub(crate) fn created(section: &Section, goroutine: &Goroutine) {
    if watchers() != 0 {
        note_created(section, goroutine);
    }
}

/// Somebody has ended the wait of `goroutine`, on the thread that has this P, if it has one. Before it
/// is on a queue.
#[inline(always)]
pub(crate) fn readied(p: Option<&P>, goroutine: &Goroutine) {
    if watchers() != 0 {
        note_readied(p, goroutine);
    }
}

/// The descriptor that `goroutine` waited for is ready. Before it is on a queue, inside a section.
#[inline(always)]
pub(crate) fn found(goroutine: &Goroutine) {
    if watchers() != 0 {
        note_readied(M::of(&gopark::enter()).and_then(M::p), goroutine);
    }
}

/// The thread of `m` has come from one stack to another; what was left there is not seen to yet. One
/// moment for both: whoever has departed is written down before anybody else can find it.
#[inline(always)]
pub(crate) fn switched(m: &'static M) {
    if watchers() != 0 {
        note_departed(m);
    }
}

/// The thread of `m` is about to wait with its goroutine, or has a new one on the same stack.
#[inline(always)]
pub(crate) fn left(m: &'static M, goroutine: &'static Goroutine, left: Left) {
    if watchers() != 0 {
        note_switched(m, Some((goroutine.as_gref(), left)));
    }
}

/// `goroutine` runs again on the thread of `m`, which has waited with it.
#[inline(always)]
pub(crate) fn runs(m: &'static M) {
    if watchers() != 0 {
        note_switched(m, None);
    }
}

#[cold]
fn note_created(section: &Section, goroutine: &Goroutine) {
    if is_measured() {
        goroutine.clocks.restart();
        latency::became_runnable(goroutine);
    }
    if is_watched(Watcher::Trace) {
        trace::created(section, goroutine);
    }
}

#[cold]
fn note_readied(p: Option<&P>, goroutine: &Goroutine) {
    if is_watched(Watcher::Trace) {
        trace::readied(p, goroutine); // first: it goes on there without coming back, mostly
    }
    if is_measured() {
        latency::became_runnable(goroutine);
    }
}

#[cold]
fn note_departed(m: &'static M) {
    if watchers() == Watcher::Trace as u32 {
        return trace::departed(m);
    }
    note_switched(m, m.departed.who());
}

#[cold]
fn note_switched(m: &'static M, who: Option<(GRef, Left)>) {
    // The M's own goroutine is nobody; so is one that has left and is still the current one.
    let next = m.seat.g().filter(|&g| g != m.g0() && who.is_none_or(|(left, _)| left != g));
    if is_watched(Watcher::Trace) {
        trace::switched(m, who, next);
    }
    if is_measured() {
        if let Some((g, left)) = who {
            latency::stopped(Goroutine::of(g));
            if left == Left::Yielded {
                latency::became_runnable(Goroutine::of(g));
            }
        }
        next.into_iter().for_each(|g| latency::runs(Goroutine::of(g)));
    }
}
