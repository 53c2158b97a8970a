//! Locker: what can be locked and unlocked (Go: `sync.Locker`).

use crate::mutex::BareMutex;

/// What can be locked and unlocked (Go: `sync.Locker`): what [`Cond::wait_on`](crate::Cond::wait_on)
/// gives up while it waits.
///
/// # Examples
///
/// ```
/// use gaggle_sync::{BareMutex, BareRwMutex, Locker};
///
/// fn twice(a: &dyn Locker, b: &dyn Locker) {
///     a.lock();
///     b.lock();
///     b.unlock();
///     a.unlock();
/// }
/// let table = BareRwMutex::new();
/// twice(&BareMutex::new(), &table.rlocker());
/// twice(&BareMutex::new(), &table);
/// ```
pub trait Locker {
    /// Waits until the lock is ours.
    fn lock(&self);

    /// Gives the lock back.
    fn unlock(&self);
}

impl Locker for BareMutex {
    fn lock(&self) {
        BareMutex::lock(self);
    }

    fn unlock(&self) {
        BareMutex::unlock(self);
    }
}
