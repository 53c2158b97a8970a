//! How many tasks are still to end: the last one tells whoever waits. No handle is kept or asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

/// What all of the tasks share.
pub(super) struct Countdown<T = ()> {
    left: AtomicU64,
    all: Notify,
    /// What they work on.
    pub(super) shared: T,
}

impl<T> Countdown<T> {
    pub(super) fn new(count: u64, shared: T) -> Self {
        Self { left: AtomicU64::new(count), all: Notify::new(), shared }
    }

    pub(super) fn of(count: u64, shared: T) -> Arc<Self> {
        Arc::new(Self::new(count, shared))
    }

    /// One of them has ended.
    pub(super) fn done(&self) {
        // AcqRel: the last one comes after what all others did.
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.all.notify_one(); // it is kept for who comes later
        }
    }

    /// Waits for the last one; for one waiter, once.
    pub(super) async fn wait(&self) {
        self.all.notified().await;
    }
}
