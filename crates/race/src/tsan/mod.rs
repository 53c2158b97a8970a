//! ThreadSanitizer: each hook is one of its calls.
//!
//! | `GAGGLE_TSAN` | a switch of goroutines | the runtime's own code | finds |
//! |---|---|---|---|
//! | `program` (the default) | orders nothing | is not looked at, and orders nothing | what Go's detector finds: only what the language orders counts |
//! | `runtime` | orders what is before with what is after | is looked at, and its locks order | races inside the runtime itself |
//!
//! *Own Address*: a place is a byte and an object a word, so that each has an address of its own.

mod channel;
#[path = "../silent/goroutine.rs"]
mod goroutine;
mod hush;
mod sys;

use crate::{Access, Detector};
pub use channel::Channel;
use core::sync::atomic::{AtomicU8, AtomicU64};
pub use goroutine::{Birth, Strand};
pub use hush::Hush;

pub(crate) const DETECTOR: Detector = Detector::ThreadSanitizer;

pub(crate) fn found() -> usize {
    0
}

/// Where goroutines leave their clocks.
#[derive(Debug, Default)]
pub struct Place(AtomicU8);

impl Place {
    /// Nobody was here.
    pub const fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    /// What was released here comes before us.
    pub fn acquire(&self) {
        hush::lifted(|| sys::acquire(self.0.as_ptr()));
    }

    /// We come before those who acquire from now on, and nobody else does: also nobody who had a place at this address
    /// before.
    pub fn release(&self) {
        hush::lifted(|| sys::release_alone(self.0.as_ptr()));
    }

    /// We come before those who acquire from now on, as do all who released here.
    pub fn release_merge(&self) {
        hush::lifted(|| sys::release(self.0.as_ptr()));
    }

    /// Acquires, and leaves nothing.
    pub fn take(&self) {
        self.acquire();
    }

    /// Leaves nothing: it knows no such call.
    pub fn clear(&self) {}

    /// An atomic load by `op`, which it sees.
    #[inline(always)]
    pub fn load<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic store by `op`, which it sees.
    #[inline(always)]
    pub fn store<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic read-modify-write by `op`, which it sees.
    #[inline(always)]
    pub fn update<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic compare-and-swap by `op`, which it sees.
    #[inline(always)]
    pub fn exchange(&self, op: impl FnOnce() -> bool) -> bool {
        op()
    }

    /// An atomic load by `op`, which it does not see: a lock of the runtime's makes it one.
    #[inline]
    pub fn load_unseen<R>(&self, op: impl FnOnce() -> R) -> R {
        let value = op();
        self.acquire();
        value
    }

    /// An atomic read-modify-write by `op`, as above.
    #[inline]
    pub fn update_unseen<R>(&self, op: impl FnOnce() -> R) -> R {
        self.acquire();
        self.release_merge(); // before the value is there for others
        let value = op();
        self.acquire(); // what came in between
        value
    }

    /// An atomic compare-and-swap by `op`, which says whether it did, as above. One that did not orders as one that did.
    #[inline]
    pub fn exchange_unseen(&self, op: impl FnOnce() -> bool) -> bool {
        self.update_unseen(op)
    }
}

/// A word that nobody has but the detector.
#[derive(Debug, Default)]
pub struct Object(AtomicU64);

impl Object {
    /// A word that nobody has touched.
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// An access of it.
    #[track_caller]
    pub fn access(&self, access: Access, _what: &'static str) {
        if hush::minds() {
            hush::lifted(|| sys::access(self.0.as_ptr(), access));
        }
    }
}
