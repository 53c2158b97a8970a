//! The hooks of the locks.
//!
//! | level | noted | said |
//! |---|---|---|
//! | `OFF` | nothing | nothing |
//! | `ORDER` | who holds what since when, and the stack of who first takes one lock behind another | inversions |
//! | `ALL` | the stack of each who takes a lock, too | also who wants what it holds |
//!
//! *Outside Everything*: the hooks run in no runtime section and under no lock of the runtime: they
//! allocate, and read stacks.
#![expect(clippy::disallowed_types, reason = "it must not be one of the locks it watches")]

use super::graph::{self, Graph};
use super::holds::{self, At, Given, Lock, Who};
use super::report;
use core::fmt;
use gaggle_gopark as gopark;
use std::backtrace::Backtrace;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

const UNKNOWN: u8 = 0;
const OFF: u8 = 1;
const ORDER: u8 = 2;
const ALL: u8 = 3;

static LEVEL: AtomicU8 = AtomicU8::new(UNKNOWN);
/// Whether an inversion ends the process.
static FATAL: AtomicBool = AtomicBool::new(false);
/// Locks that were wanted by who held one, or held: one bit for many. Others are not missed when they end.
static IN_STEPS: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];
static GRAPH: OnceLock<Mutex<Graph>> = OnceLock::new();

#[inline]
fn level() -> u8 {
    // Relaxed: whoever is late notes a lock less.
    match LEVEL.load(Ordering::Relaxed) {
        UNKNOWN => ask(),
        level => level,
    }
}

/// A race detector would see this checker's locks, which it does not know, wherever a lock is taken.
const UNASKED: u8 = if gaggle_race::ON { OFF } else { ORDER };

#[cold]
fn ask() -> u8 {
    let level = match std::env::var("GAGGLE_LOCKORDER").as_deref() {
        Ok("0") => OFF,
        Ok("1") => ALL,
        Ok("fatal") => {
            FATAL.store(true, Ordering::Relaxed); // Relaxed: no later than the level, for this thread
            ALL
        }
        _ => UNASKED,
    };
    if level != OFF {
        gopark::set_teller(tell);
    }
    // Relaxed: as above; `check` and `stop` win.
    let (done, lost) = (Ordering::Relaxed, Ordering::Relaxed);
    LEVEL.compare_exchange(UNKNOWN, level, done, lost).map_or_else(|now| now, |_| level)
}

pub(super) fn check() {
    ask();
    gopark::set_teller(tell);
    LEVEL.store(ALL, Ordering::Relaxed); // Relaxed: as above
}

pub(super) fn stop() {
    LEVEL.store(OFF, Ordering::Relaxed); // Relaxed: as above
    holds::forget_all();
    *graph() = Graph::default();
}

fn graph() -> MutexGuard<'static, Graph> {
    // A panic inside leaves at worst a lock unnoted.
    GRAPH.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner)
}

fn me() -> Who {
    let g = gopark::current();
    Who { g: !g.as_ptr().addr().get(), id: g.id() }
}

fn bit_of(lock: Lock) -> (&'static AtomicU64, u64) {
    let mixed = (lock.addr() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (&IN_STEPS[(mixed >> 58) as usize], 1 << ((mixed >> 52) & 63))
}

/// The current goroutine is about to wait for `lock`, for as long as it takes.
#[inline]
#[track_caller]
pub(crate) fn wants(lock: usize) {
    if level() != OFF {
        wants_slow(Lock::at(lock));
    }
}

#[cold]
#[inline(never)]
fn wants_slow(lock: Lock) {
    let mut ours = holds::want(me(), lock);
    if level() == ORDER {
        ours.retain(|held| held.lock != lock); // another may give it back (SEMANTICS K2)
    }
    if ours.is_empty() {
        return;
    }
    for lock in ours.iter().map(|held| held.lock).chain([lock]) {
        let (word, bit) = bit_of(lock);
        // Relaxed: who ends a lock comes after its last user.
        word.fetch_or(bit, Ordering::Relaxed);
    }
    let inversion = graph().want(&ours, lock, || Arc::new(Backtrace::force_capture()));
    if let Some(inversion) = inversion {
        report::print(&inversion);
        // Relaxed: set once, before the first lock.
        if FATAL.load(Ordering::Relaxed) {
            gaggle_prim::fatal!("lock order inversion");
        }
    }
}

/// The current goroutine is about to wait for `lock` for a while: that is no deadlock.
#[inline]
pub(crate) fn awaits(lock: usize) {
    if level() != OFF {
        awaits_slow(Lock::at(lock));
    }
}

#[cold]
#[inline(never)]
fn awaits_slow(lock: Lock) {
    _ = holds::want(me(), lock);
}

/// The current goroutine has `lock`.
#[inline]
#[track_caller]
pub(crate) fn has(lock: usize) {
    match level() {
        OFF => {}
        level => has_slow(Lock::at(lock), level, Location::caller()),
    }
}

#[cold]
#[inline(never)]
fn has_slow(lock: Lock, level: u8, place: &'static Location<'static>) {
    let stack = (level == ALL).then(|| Arc::new(Backtrace::force_capture()));
    holds::take(me(), lock, At { place, stack });
}

/// The current goroutine does not wait for `lock` any more, and does not have it.
#[inline]
pub(crate) fn leaves(lock: usize) {
    if level() != OFF {
        leaves_slow(Lock::at(lock));
    }
}

#[cold]
#[inline(never)]
fn leaves_slow(lock: Lock) {
    holds::leave(me(), lock);
}

/// The current goroutine gives `lock` back, whoever has taken it.
#[inline]
pub(crate) fn gives(lock: usize) {
    if level() != OFF {
        gives_slow(Lock::at(lock));
    }
}

#[cold]
#[inline(never)]
fn gives_slow(lock: Lock) {
    if let Given::Others = holds::give(me(), lock) {
        graph().forget(lock);
    }
}

/// There is no lock at this address any more; `held`: though somebody has it.
#[inline]
pub(crate) fn forget(lock: usize, held: impl FnOnce() -> bool) {
    if level() == OFF {
        return;
    }
    let lock = Lock::at(lock);
    let (word, bit) = bit_of(lock);
    // Relaxed: see `wants_slow`.
    if word.load(Ordering::Relaxed) & bit != 0 {
        graph().forget(lock);
    }
    if held() {
        holds::forget(lock);
    }
}

/// What a dump says of goroutine `goid`. It may have been stopped anywhere, so this waits for nobody.
fn tell(goid: u64, out: &mut dyn fmt::Write) -> fmt::Result {
    if level() == OFF {
        return Ok(());
    }
    let Some((held, waits)) = holds::snapshot() else {
        return writeln!(out, "\tlocks unknown: somebody takes one just now");
    };
    let wanted: Vec<_> = waits.into_iter().filter(|wait| wait.who.id == goid).collect();
    let wanted: Vec<_> =
        wanted.into_iter().map(|wait| (wait, graph::holders_of(wait.lock, &held))).collect();
    let ours: Vec<_> = held.into_iter().filter(|held| held.who.id == goid).collect();
    report::of_one(&ours, &wanted, out)
}

pub(super) fn holders() -> String {
    report::holders(&holds::held())
}

pub(super) fn each_holder() -> Vec<super::Holder> {
    let holder = |it: holds::Held| super::Holder {
        goid: it.who.id,
        lock: it.lock.addr(),
        held: it.since.elapsed(),
        stack: report::whence(&it.at),
    };
    holds::held().into_iter().map(holder).collect()
}

pub(super) fn each_wanted() -> Vec<super::Wanted> {
    let wanted = |it: holds::Wait| super::Wanted { goid: it.who.id, lock: it.lock.addr() };
    holds::wanted().into_iter().map(wanted).collect()
}
