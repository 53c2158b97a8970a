//! What `task` is without the feature `futures`: no G is a task, and handles carry nothing for one.

use crate::chan::{Core, Hchan};
use core::marker::PhantomData;
use gaggle_gopark::GRef;

/// False: there are none.
#[inline(always)]
pub(crate) fn is_task(_: GRef) -> bool {
    false
}

/// There is nobody to wake.
pub(crate) fn wake(_: GRef, _: &Core) {}

/// There is nobody to forget.
pub(crate) fn forget(_: GRef) {}

/// Nothing was put back.
#[derive(Debug)]
pub(crate) struct Back;

impl Back {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Self
    }

    /// Nothing.
    pub(crate) const fn over() -> Self {
        Self
    }

    /// Never called.
    pub(crate) fn oldest_goes(&mut self) -> bool {
        false
    }
}

/// Nothing.
pub(crate) struct Inbox<T>(PhantomData<fn() -> T>);

impl<T> Inbox<T> {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }

    /// Does nothing.
    pub(crate) fn leave(&mut self, _: &Hchan<T>) {}
}

/// Nothing.
pub(crate) struct Outbox<T>(PhantomData<fn() -> T>);

impl<T> Outbox<T> {
    /// Nothing.
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }

    /// Does nothing.
    pub(crate) fn leave(&mut self, _: &Hchan<T>) {}
}
