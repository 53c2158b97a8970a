//! The detector: vector clocks (FastTrack), one clock per goroutine, one list of accesses per word.
//!
//! | file | noun |
//! |---|---|
//! | `clock.rs` | a vector clock |
//! | `life.rs`, `slots.rs` | a goroutine from its go statement to its end; its index in clocks |
//! | `place.rs`, `channel.rs` | where clocks are left |
//! | `object.rs` | a watched word: who touched it last |
//! | `report.rs`, `text.rs`, `options.rs` | what is said, where, and what it costs the process |
//!
//! Laws of this module:
//! 1. *Locks Nest Downwards*: a place, a channel or an object first, then a life's clock, then the report's;
//!    no lock is held while user code runs, but for the one operation that a place wraps.
//! 2. *Nobody Is Stopped*: the locks are std's and the hooks allocate, also in runtime sections. So a
//!    build with this feature never stops a goroutine by a signal (`sched::preempt`): who held the
//!    allocator's lock, or one of ours, would be waited for without end.
#![expect(clippy::disallowed_types, reason = "Nobody Is Stopped")]

mod channel;
mod clock;
mod life;
mod object;
mod options;
mod place;
mod report;
mod slots;
mod text;

pub use channel::Channel;
pub use life::{Birth, Strand};
pub use object::Object;
pub use place::Place;
pub(crate) use report::found;

use crate::Detector;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const DETECTOR: Detector = Detector::Clocks;

/// The runtime's own code: nothing of it is seen anyway.
#[derive(Debug)]
pub struct Hush {}

impl Hush {
    /// From here on, on this context.
    #[inline(always)]
    pub fn begins() {}

    /// Until here.
    #[inline(always)]
    pub fn ends() {}

    /// A fresh context begins where this thread is hushed already.
    #[inline(always)]
    pub fn arrives() {}

    /// A context that will not come back leaves a thread that stays hushed.
    #[inline(always)]
    pub fn leaves() {}

    /// Does `f` in the middle of it as the program's own doing.
    #[inline(always)]
    pub fn lifted<R>(f: impl FnOnce() -> R) -> R {
        f()
    }

    /// True if a switch of goroutines orders nothing.
    #[inline(always)]
    pub fn is_meant() -> bool {
        true
    }
}

/// Locks; a panic elsewhere cannot have left half of a clock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
