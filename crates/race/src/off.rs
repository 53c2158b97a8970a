//! No detector: nothing has a size, nothing costs an instruction. What each hook means is told here, once.

use crate::{Access, Detector};

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

    /// The value of the sender that waits with `node` went into the buffer.
    #[inline(always)]
    pub fn moves(&self, _cap: usize, _node: &Place) {}

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

/// The go statement, as the new goroutine knows it (SEMANTICS Y6). Made where the function is given,
/// taken where it runs.
#[derive(Debug)]
pub struct Birth {}

impl Birth {
    /// Here is the go statement.
    #[inline(always)]
    pub fn here() -> Self {
        Self {}
    }

    /// There is none: the clock starts it, and what comes before is told elsewhere.
    #[inline(always)]
    pub fn apart() -> Self {
        Self {}
    }

    /// The goroutine `id` begins on `strand`, and runs.
    #[inline(always)]
    pub fn begins(&self, _strand: &Strand, _id: u64) {}

    /// A thread of its own takes the goroutine's place, and runs.
    #[inline(always)]
    pub fn begins_on_thread(&self) {}
}

/// Who runs: a field of a G.
#[derive(Debug)]
pub struct Strand {}

impl Strand {
    /// Nobody yet.
    pub const fn new() -> Self {
        Self {}
    }

    /// From here on this thread runs it, until it runs another.
    #[inline(always)]
    pub fn runs(&self) {}

    /// It has ended. On its own thread.
    #[inline(always)]
    pub fn ends(&self) {}
}

impl Default for Strand {
    fn default() -> Self {
        Self::new()
    }
}

/// The runtime's own code: what it does is not the program's doing.
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

const _: () = assert!(size_of::<Place>() + size_of::<Channel>() + size_of::<Object>() == 0);
const _: () = assert!(size_of::<Birth>() + size_of::<Strand>() + size_of::<Hush>() == 0);
