//! The lock-order checker of debug builds: who holds which lock, and in which order they are taken.
//!
//! In debug builds it watches every lock of [`Mutex`](crate::Mutex), [`RwMutex`](crate::RwMutex) and the bare
//! ones; in release builds it is not there. A goroutine that holds A and wants B puts B behind A; if B was ever put
//! before A, directly or by others in between, the two can wait for each other for ever. That is said on
//! standard error, once for each pair, with the stack of each who takes one lock behind another, before the goroutine
//! waits: also if all goes well this time. Nothing is said of orders that one more lock, held each time, keeps
//! apart. Dumps say of each goroutine which locks it holds since when, where it took them, and for whose
//! lock it waits.
//!
//! | `GAGGLE_LOCKORDER` | |
//! |---|---|
//! | unset | as above |
//! | `1`, or a call of [`check`] | the stack of each who takes a lock is kept, and shown, too; and who wants what it holds is told |
//! | `fatal` | the same, and an inversion ends the process, with exit code 2 |
//! | `0`, or a call of [`stop`] | nothing is watched |
//!
//! `try_lock`, and waiting with a time limit, close no circle: who gives up waits for nobody. Locks are known one
//! by one, by their addresses, not by where they are made: two nodes of a tree may be locked in any order that is one
//! order of these two. A lock that one goroutine takes and another gives back is a signal (SEMANTICS K2) and is
//! forgotten. A lock that is moved after it was taken is a new one, and what was noted at its old place is believed
//! of one that comes to lie there. Who holds more than sixteen locks is not looked at, and 65,536 pairs are remembered at
//! most: a checker that nobody asked for must not take a program's memory.
//!
//! # Examples
//!
//! ```
//! use gaggle_sync::{Mutex, lockorder};
//! let (a, b) = (Mutex::new(1), Mutex::new(2));
//! let one = a.lock();
//! let two = b.lock(); // from here on: first a, then b
//! # #[cfg(debug_assertions)]
//! assert!(lockorder::holders().contains("since"));
//! # drop((one, two));
//! ```

#[cfg(debug_assertions)]
mod graph;
#[cfg(debug_assertions)]
mod holds;
#[cfg(not(debug_assertions))]
mod off;
#[cfg(debug_assertions)]
mod on;
#[cfg(debug_assertions)]
mod report;

#[cfg(not(debug_assertions))]
use off as imp;
#[cfg(debug_assertions)]
use on as imp;

#[cfg(debug_assertions)] // only a lock that is watched is missed
pub(crate) use imp::forget;
pub(crate) use imp::{awaits, gives, has, leaves, wants};

/// From now on, in a debug build, keeps the stack of each who takes a lock.
pub fn check() {
    imp::check();
}

/// From now on nothing is checked, and what was noted is forgotten: for what counts allocations or time.
pub fn stop() {
    imp::stop();
}

/// Who holds which lock since when, and where it was taken: one paragraph for each. Empty in a release
/// build, and while nothing is checked.
pub fn holders() -> String {
    imp::holders()
}

/// A lock that somebody holds.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The goroutine that took it; 0 is a plain thread.
    pub goid: u64,
    /// Where the lock lies.
    pub lock: usize,
    /// For how long.
    pub held: core::time::Duration,
    /// Where it was taken: the stack, if those are kept.
    pub stack: String,
}

/// As [`holders`], one by one.
pub fn each_holder() -> Vec<Holder> {
    imp::each_holder()
}

/// A lock that a goroutine, or a plain thread, waits for or is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The goroutine; 0 is a plain thread.
    pub goid: u64,
    /// Where the lock lies.
    pub lock: usize,
}

/// Who wants which lock. Empty where [`holders`] is.
pub fn each_wanted() -> Vec<Wanted> {
    imp::each_wanted()
}
