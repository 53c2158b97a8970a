//! Locker: what can be locked and unlocked (Go: `sync.Locker`).

use crate::mutex::{BareMutex, RawMutex};

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

    /// The mutex that it is, if it is one of ours: a wait for a condition may then end in its line.
    #[doc(hidden)]
    fn raw_mutex(&self) -> Option<&RawMutex> {
        None
    }
}

impl Locker for BareMutex {
    fn lock(&self) {
        BareMutex::lock(self);
    }

    fn unlock(&self) {
        BareMutex::unlock(self);
    }

    fn raw_mutex(&self) -> Option<&RawMutex> {
        Some(self.raw())
    }
}
