//! No detector: nothing has a size, nothing costs an instruction. What each hook means is told here, once.

use crate::{Access, Detector};

#[path = "silent/goroutine.rs"]
mod goroutine;
#[path = "silent/hush.rs"]
mod hush;

pub use goroutine::{Birth, Strand};
pub use hush::Hush;

pub(crate) const DETECTOR: Detector = Detector::None;

pub(crate) fn found() -> usize {
    0
}

/// Where goroutines leave their clocks: what was done before a release is done before what comes after
/// the acquire that finds it.
#[derive(Debug, Default)]
pub struct Place {}

impl Place {
    /// Nobody was here.
    pub const fn new() -> Self {
        Self {}
    }

    /// What was released here comes before us.
    #[inline(always)]
    pub fn acquire(&self) {}

    /// We come before those who acquire from now on, and nobody else does.
    #[inline(always)]
    pub fn release(&self) {}

    /// We come before those who acquire from now on, as do all who released here.
    #[inline(always)]
    pub fn release_merge(&self) {}

    /// Acquires, and leaves nothing.
    #[inline(always)]
    pub fn take(&self) {}

    /// Leaves nothing.
    #[inline(always)]
    pub fn clear(&self) {}

    /// An atomic load by `op`.
    #[inline(always)]
    pub fn load<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic store by `op`.
    #[inline(always)]
    pub fn store<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic read-modify-write by `op`.
    #[inline(always)]
    pub fn update<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic compare-and-swap by `op`, which says whether it did.
    #[inline(always)]
    pub fn exchange(&self, op: impl FnOnce() -> bool) -> bool {
        op()
    }

    /// An atomic load by `op`, which no detector sees: a lock of the runtime's makes it one.
    #[inline(always)]
    pub fn load_unseen<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic read-modify-write by `op`, as above.
    #[inline(always)]
    pub fn update_unseen<R>(&self, op: impl FnOnce() -> R) -> R {
        op()
    }

    /// An atomic compare-and-swap by `op`, which says whether it did, as above.
    #[inline(always)]
    pub fn exchange_unseen(&self, op: impl FnOnce() -> bool) -> bool {
        op()
    }
}

/// The order that one channel makes (SEMANTICS Y7 to Y10), and the accesses that Z4 names. Every call is
/// made under the channel's lock.
#[derive(Debug, Default)]
pub struct Channel {}

impl Channel {
    /// A new channel.
    pub const fn new() -> Self {
        Self {}
    }

    /// A send begins: a read of the channel (Z4).
    #[inline(always)]
    pub fn sends(&self) {}

    /// A value went into the buffer, which has `cap` places.
    #[inline(always)]
    pub fn puts(&self, _cap: usize) {}

    /// A value came out of the buffer.
    #[inline(always)]
    pub fn gets(&self, _cap: usize) {}

    /// Our value goes straight to the receiver that waits with `node`.
    #[inline(always)]
    pub fn hands(&self, _cap: usize, _node: &Place) {}

    /// The value of the sender that waits with `node` comes straight to us.
    #[inline(always)]
    pub fn takes(&self, _node: &Place) {}

    /// The value of the sender that waits with `node` went into the buffer, behind the `before` oldest.
    #[inline(always)]
    pub fn moves(&self, _cap: usize, _before: usize, _node: &Place) {}

    /// A value that a task had received, and gives up, is back in the buffer, behind the `before` oldest: its
    /// receive was none.
    #[inline(always)]
    pub fn returns(&self, _cap: usize, _before: usize) {}

    /// For one that came back there is no room for the value behind the `before` oldest: it waits with `node`.
    #[inline(always)]
    pub fn ousts(&self, _before: usize, _node: &Place) {}

    /// A value that a task had received, and gives up, goes to the receiver that waits with `node`.
    #[inline(always)]
    pub fn passes_on(&self, _cap: usize, _node: &Place) {}

    /// The channel is closed: a write of the channel (Z4).
    #[inline(always)]
    pub fn closes(&self) {}

    /// One who waits with `node` is told that it is closed.
    #[inline(always)]
    pub fn tells(&self, _node: &Place) {}

    /// A receive found it closed, or the clock's value due.
    #[inline(always)]
    pub fn hears(&self) {}

    /// The clock that fills it was set.
    #[inline(always)]
    pub fn sets(&self) {}
}

/// A word that nobody has but the detector.
#[derive(Debug, Default)]
pub struct Object {}

impl Object {
    /// A word that nobody has touched.
    pub const fn new() -> Self {
        Self {}
    }

    /// An access of it; `what` is named on top of its stack.
    #[inline(always)]
    #[track_caller]
    pub fn access(&self, _access: Access, _what: &'static str) {}
}

const _: () = assert!(size_of::<Place>() + size_of::<Channel>() + size_of::<Object>() == 0);
