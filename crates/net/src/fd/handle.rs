//! A handle of a descriptor: when the last one goes, it is closed, though a watcher may still have it.

use super::{Fd, Kind};
use core::ops::Deref;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// How many handles there are.
#[derive(Debug)]
pub(super) struct Handles(AtomicUsize);

impl Handles {
    pub(super) const fn one() -> Self {
        Self(AtomicUsize::new(1))
    }
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Handle(Arc<Fd>);

impl Handle {
    /// The first handle of `fd`, which it takes over.
    pub(crate) fn new(fd: OwnedFd, kind: Kind) -> Self {
        Self(Arc::new(Fd::new(fd, kind)))
    }

    /// What it is a handle of, without being one.
    pub(crate) fn inner(&self) -> &Arc<Fd> {
        &self.0
    }

    /// True if there is no other. Then nobody can make one.
    pub(super) fn is_alone(&self) -> bool {
        // Acquire: pairs with the Release in `drop`.
        self.0.handles.0.load(Ordering::Acquire) == 1
    }
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        self.0.handles.0.fetch_add(1, Ordering::Relaxed); // Relaxed: we have one
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // AcqRel: what others did with it comes before it is closed.
        if self.0.handles.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.abandon();
        }
    }
}

impl Deref for Handle {
    type Target = Fd;

    fn deref(&self) -> &Fd {
        &self.0
    }
}
