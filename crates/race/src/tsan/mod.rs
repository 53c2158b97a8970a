//! ThreadSanitizer: each hook is one of its calls.
//!
//! | `GAGGLE_TSAN` | a switch of goroutines | the runtime's own code | finds |
//! |---|---|---|---|
//! | `program` (the default) | orders nothing | is not looked at, and orders nothing | what Go's detector finds: only what the language orders counts |
//! | `runtime` | orders what is before with what is after | is looked at, and its locks order | races inside the runtime itself |
//!
//! Its calls know no vector of places, so a buffered channel has one place for all of its values: a receive
//! comes after every earlier send. That can hide a race, and never invents one.
//!
//! *Own Address*: a place, a channel and an object are a byte each, so that each has an address of its own.

#[path = "../silent/goroutine.rs"]
mod goroutine;
mod hush;
mod sys;

use crate::{Access, Detector};
pub use goroutine::{Birth, Strand};
pub use hush::Hush;

pub(crate) const DETECTOR: Detector = Detector::ThreadSanitizer;

pub(crate) fn found() -> usize {
    0
}

/// Where goroutines leave their clocks.
#[derive(Debug, Default)]
pub struct Place(u8);

impl Place {
    /// Nobody was here.
    pub const fn new() -> Self {
        Self(0)
    }

    /// What was released here comes before us.
    pub fn acquire(&self) {
        hush::lifted(|| sys::acquire(&raw const self.0));
    }

    /// We come before those who acquire from now on.
    pub fn release(&self) {
        self.release_merge();
    }

    /// We come before those who acquire from now on, as do all who released here.
    pub fn release_merge(&self) {
        hush::lifted(|| sys::release(&raw const self.0));
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
}

/// The order that one channel makes.
#[derive(Debug, Default)]
pub struct Channel {
    values: Place,
    rooms: Place,
    closed: Place,
    object: Object,
}

impl Channel {
    /// A new channel.
    pub const fn new() -> Self {
        let (values, rooms, closed) = (Place::new(), Place::new(), Place::new());
        Self { values, rooms, closed, object: Object::new() }
    }

    /// A send begins: a read of the channel (Z4).
    pub fn sends(&self) {
        self.object.access(Access::Read, "");
    }

    /// A value went into the buffer.
    pub fn puts(&self, _cap: usize) {
        self.rooms.acquire();
        self.values.release_merge();
    }

    /// A value came out of the buffer.
    pub fn gets(&self, _cap: usize) {
        self.values.acquire();
        self.rooms.release_merge();
    }

    /// Our value goes straight to the receiver that waits with `node`.
    pub fn hands(&self, _cap: usize, node: &Place) {
        node.acquire();
        node.release();
    }

    /// The value of the sender that waits with `node` comes straight to us.
    pub fn takes(&self, node: &Place) {
        node.acquire();
        node.release();
    }

    /// The value of the sender that waits with `node` went into the buffer.
    pub fn moves(&self, _cap: usize, node: &Place) {
        node.acquire();
        self.values.release_merge();
        node.release();
    }

    /// The channel is closed: a write of the channel (Z4).
    pub fn closes(&self) {
        self.object.access(Access::Write, "");
        self.closed.release_merge();
    }

    /// One who waits with `node` is told that it is closed.
    pub fn tells(&self, node: &Place) {
        node.release();
    }

    /// A receive found it closed, or the clock's value due.
    pub fn hears(&self) {
        self.closed.acquire();
    }

    /// The clock that fills it was set.
    pub fn sets(&self) {
        self.closed.release_merge();
    }
}

/// A word that nobody has but the detector.
#[derive(Debug, Default)]
pub struct Object(u64);

impl Object {
    /// A word that nobody has touched.
    pub const fn new() -> Self {
        Self(0)
    }

    /// An access of it.
    #[track_caller]
    pub fn access(&self, access: Access, _what: &'static str) {
        if hush::minds() {
            hush::lifted(|| sys::access(&raw const self.0, access));
        }
    }
}
