//! The lock-order checker of debug builds: who holds which lock, and in which order they are taken.
//!
//! Off until somebody calls [`check`], or the environment says `GAGGLE_LOCKORDER=1`; in release builds it
//! is not there. When it is on, every lock of [`Mutex`](crate::Mutex), [`RwMutex`](crate::RwMutex) and the
//! bare ones is noted with the stack of who takes it. A goroutine that holds A and wants B puts B behind A; if
//! B was ever put before A, directly or by others in between, the two can wait for each other for ever.
//! That is said on standard error, once for each pair, before the goroutine waits: also if all goes well
//! this time. Dumps say of each goroutine which locks it holds since when, where it took them, and for whose
//! lock it waits.
//!
//! Whoever uses a lock as a signal (one goroutine locks, another unlocks, SEMANTICS K2) may see a report
//! where nothing is wrong. A lock is known by its address, so one that is moved while the checker is on is taken
//! for a new one.
//!
//! # Examples
//!
//! ```
//! use gaggle_sync::{Mutex, lockorder};
//! lockorder::check();
//! let (a, b) = (Mutex::new(1), Mutex::new(2));
//! let one = a.lock();
//! let two = b.lock(); // from here on: first a, then b
//! # #[cfg(debug_assertions)]
//! assert!(lockorder::holders().contains("since"));
//! # drop((one, two));
//! ```

#[cfg(debug_assertions)]
mod graph;
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
pub(crate) use imp::{gives, has, leaves, wants};

/// Checks the order of locks from now on, in a debug build.
pub fn check() {
    imp::check();
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
    /// Where it was taken.
    pub stack: String,
}

/// As [`holders`], one by one.
pub fn each_holder() -> Vec<Holder> {
    imp::each_holder()
}
