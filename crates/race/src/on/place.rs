//! A place where one goroutine leaves its clock for another.

use super::clock::Clock;
use super::life::current;
use super::lock;
use std::sync::Mutex;

/// Where goroutines leave their clocks.
#[derive(Debug, Default)]
pub struct Place(Mutex<Clock>);

impl Place {
    /// Nobody was here.
    pub const fn new() -> Self {
        Self(Mutex::new(Clock::new()))
    }

    /// What was released here comes before us.
    pub fn acquire(&self) {
        current().learn(&lock(&self.0));
    }

    /// We come before those who acquire from now on, and nobody else does.
    pub fn release(&self) {
        let mut left = lock(&self.0);
        current().teach(|clock| left.copy(clock));
    }

    /// We come before those who acquire from now on, as do all who released here.
    pub fn release_merge(&self) {
        let mut left = lock(&self.0);
        current().teach(|clock| left.join(clock));
    }

    /// Acquires, and leaves nothing.
    pub fn take(&self) {
        let left = core::mem::take(&mut *lock(&self.0));
        current().learn(&left);
    }

    /// Leaves nothing.
    pub fn clear(&self) {
        *lock(&self.0) = Clock::new();
    }

    /// An atomic load by `op`.
    pub fn load<R>(&self, op: impl FnOnce() -> R) -> R {
        let left = lock(&self.0); // so that the value and the clock are of one store
        let value = op();
        current().learn(&left);
        value
    }

    /// An atomic store by `op`.
    pub fn store<R>(&self, op: impl FnOnce() -> R) -> R {
        let mut left = lock(&self.0);
        current().teach(|clock| left.copy(clock));
        op()
    }

    /// An atomic read-modify-write by `op`.
    pub fn update<R>(&self, op: impl FnOnce() -> R) -> R {
        let mut left = lock(&self.0);
        let me = current();
        me.learn(&left);
        me.teach(|clock| left.copy(clock));
        op()
    }

    /// An atomic compare-and-swap by `op`, which says whether it did.
    pub fn exchange(&self, op: impl FnOnce() -> bool) -> bool {
        let mut left = lock(&self.0);
        let (me, done) = (current(), op());
        me.learn(&left);
        if done {
            me.teach(|clock| left.copy(clock));
        }
        done
    }

    /// An atomic load by `op`, which no detector sees: a lock of the runtime's makes it one.
    pub fn load_unseen<R>(&self, op: impl FnOnce() -> R) -> R {
        self.load(op)
    }

    /// An atomic read-modify-write by `op`, as above.
    pub fn update_unseen<R>(&self, op: impl FnOnce() -> R) -> R {
        self.update(op)
    }

    /// An atomic compare-and-swap by `op`, which says whether it did, as above.
    pub fn exchange_unseen(&self, op: impl FnOnce() -> bool) -> bool {
        self.exchange(op)
    }

    /// The clock that was left.
    pub(super) fn left(&self) -> std::sync::MutexGuard<'_, Clock> {
        lock(&self.0)
    }
}
