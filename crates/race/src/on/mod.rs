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
#[path = "../silent/hush.rs"]
mod hush;
mod life;
mod object;
mod options;
mod place;
mod report;
mod slots;
mod text;

pub use channel::Channel;
pub use hush::Hush;
pub use life::{Birth, Strand};
pub use object::Object;
pub use place::Place;
pub(crate) use report::found;

use crate::Detector;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const DETECTOR: Detector = Detector::Clocks;

/// Locks; a panic elsewhere cannot have left half of a clock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
