//! Atomic words with Go's results (Go: `sync/atomic`).
//!
//! `add` returns the new value; `and`, `or` and `swap` return the old one (SEMANTICS R2). All
//! operations act in one total order (R3), so there is no ordering to choose.
//!
//! Named invariant *Total Order*: R3 promises of every operation here what C++ calls SeqCst and
//! what no weaker ordering gives; each `SeqCst` below is that promise.
//!
//! # Examples
//!
//! ```
//! use gaggle_sync::{WaitGroup, atomic::{self, Int64}};
//! static COUNTER: Int64 = Int64::new(0);
//! let wg = WaitGroup::new();
//! for _ in 0..2 {
//!     wg.go(|| {
//!         atomic::add_int64(&COUNTER, 2);
//!     });
//! }
//! wg.wait();
//! assert_eq!(atomic::load_int64(&COUNTER), 4);
//! ```

mod copied;
mod int;
mod pointer;
mod shared;
mod value;

pub use int::*;
pub use pointer::*;
pub use value::{AnyValue, Value};

use core::fmt;
use gaggle_prim::sync::atomic::{AtomicBool, Ordering::SeqCst};
use gaggle_race::Place;

/// An atomic `bool`.
#[derive(Default)]
pub struct Bool(AtomicBool, Place);

impl Bool {
    /// A word that holds `value`.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new(value: bool) -> Self {
        Self(AtomicBool::new(value), Place::new())
    }

    /// A word that holds `value`.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new(value: bool) -> Self {
        Self(AtomicBool::new(value), Place::new())
    }

    /// The value.
    #[inline]
    pub fn load(&self) -> bool {
        self.1.load(|| self.0.load(SeqCst)) // proof: Total Order
    }

    /// Stores `value`.
    #[inline]
    pub fn store(&self, value: bool) {
        self.1.store(|| self.0.store(value, SeqCst)); // proof: Total Order
    }

    /// Stores `value` and returns the old one.
    #[inline]
    pub fn swap(&self, value: bool) -> bool {
        self.1.update(|| self.0.swap(value, SeqCst)) // proof: Total Order
    }

    /// Stores `new` if the value is `old`; true if it was.
    #[inline]
    pub fn compare_and_swap(&self, old: bool, new: bool) -> bool {
        // SeqCst, proof: Total Order
        self.1.exchange(|| self.0.compare_exchange(old, new, SeqCst, SeqCst).is_ok())
    }
}

impl fmt::Debug for Bool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load().fmt(f)
    }
}
