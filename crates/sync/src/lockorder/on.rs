//! The hooks of the locks, and the one lock behind them.
//!
//! *Outside Everything*: the hooks run in no runtime section and under no lock of the runtime: they
//! allocate, and read stacks.
#![expect(clippy::disallowed_types, reason = "it must not be one of the locks it watches")]

use super::graph::{Graph, Who};
use super::report;
use core::fmt;
use gaggle_gopark as gopark;
use std::backtrace::Backtrace;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

const UNKNOWN: u8 = 0;
const OFF: u8 = 1;
const ON: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);
static GRAPH: OnceLock<Mutex<Graph>> = OnceLock::new();

#[inline]
fn is_on() -> bool {
    // Relaxed: whoever is late notes a lock less.
    match STATE.load(Ordering::Relaxed) {
        UNKNOWN => ask(),
        state => state == ON,
    }
}

#[cold]
fn ask() -> bool {
    let wanted = std::env::var_os("GAGGLE_LOCKORDER").is_some_and(|word| word == "1");
    let state = if wanted { ON } else { OFF };
    if wanted {
        gopark::set_teller(tell);
    }
    // Relaxed: as above; `check` wins.
    let (done, lost) = (Ordering::Relaxed, Ordering::Relaxed);
    _ = STATE.compare_exchange(UNKNOWN, state, done, lost);
    wanted
}

pub(super) fn check() {
    gopark::set_teller(tell);
    STATE.store(ON, Ordering::Relaxed); // Relaxed: as above
}

fn graph() -> MutexGuard<'static, Graph> {
    // A panic inside leaves at worst a lock unnoted.
    GRAPH.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

fn me() -> Who {
    let g = gopark::current();
    Who { g: g.as_ptr().addr().get(), id: g.id() }
}

/// The current goroutine is about to wait for `lock`.
#[inline]
pub(crate) fn wants(lock: usize) {
    if is_on() {
        wants_slow(lock);
    }
}

#[cold]
#[inline(never)]
fn wants_slow(lock: usize) {
    let (me, stack) = (me(), Arc::new(Backtrace::force_capture()));
    let inversion = graph().want(me, lock, &stack);
    if let Some(inversion) = inversion {
        report::print(&inversion);
    }
}

/// The current goroutine has `lock`.
#[inline]
pub(crate) fn has(lock: usize) {
    if is_on() {
        has_slow(lock);
    }
}

#[cold]
#[inline(never)]
fn has_slow(lock: usize) {
    let (me, stack) = (me(), Arc::new(Backtrace::force_capture()));
    graph().take(me, lock, stack);
}

/// The current goroutine does not wait for `lock` any more, and does not have it.
#[inline]
pub(crate) fn leaves(lock: usize) {
    if is_on() {
        leaves_slow(lock);
    }
}

#[cold]
#[inline(never)]
fn leaves_slow(lock: usize) {
    graph().leave(me(), lock);
}

/// The current goroutine gives `lock` back, whoever has taken it.
#[inline]
pub(crate) fn gives(lock: usize) {
    if is_on() {
        gives_slow(lock);
    }
}

#[cold]
#[inline(never)]
fn gives_slow(lock: usize) {
    let me = me();
    let given = graph().give(me, lock);
    drop(given); // a stack is freed after the graph's lock
}

/// There is no lock at this address any more.
#[inline]
pub(crate) fn forget(lock: usize) {
    if is_on() {
        graph().forget(lock);
    }
}

/// What a dump says of goroutine `goid`. It may have been stopped anywhere, so this waits for nobody.
fn tell(goid: u64, out: &mut dyn fmt::Write) -> fmt::Result {
    let Some(graph) = GRAPH.get() else { return Ok(()) };
    let Ok(graph) = graph.try_lock() else {
        return writeln!(out, "\tlocks unknown: somebody takes one just now");
    };
    let (held, wanted) = (graph.held_by(goid), graph.wanted_by(goid));
    drop(graph);
    report::of_one(&held, &wanted, out)
}

pub(super) fn holders() -> String {
    if !is_on() {
        return String::new();
    }
    let held = graph().held();
    report::holders(&held)
}

pub(super) fn each_holder() -> Vec<super::Holder> {
    if !is_on() {
        return Vec::new();
    }
    let held = graph().held();
    let holder = |it: &super::graph::Held| super::Holder {
        goid: it.who.id,
        lock: it.lock,
        held: it.since.elapsed(),
        stack: it.stack.to_string(),
    };
    held.iter().map(holder).collect()
}
