//! The mutex that blocks the M.
//!
//! The states, and why nobody oversleeps, are in `asym.rs`; models of what stands above use
//! loom's own mutex (`sys/model.rs`), the lock itself has its own models.
//!
//! Named invariant *Holder Has The Value*: between a `lock` that returned and its `unlock` nobody
//! else touches the value.

use crate::rank::{self, Rank};
use crate::sys::RawLock;
use core::fmt;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use gaggle_prim::cell::{MutPtr, UnsafeCell};

/// The lock without a value: what a commit unlocks after the parker has left its stack.
#[derive(Debug)]
pub struct RawMutex {
    lock: RawLock,
    rank: Rank,
}

impl RawMutex {
    /// An unlocked mutex.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new(rank: Rank) -> Self {
        Self { lock: RawLock::new(), rank }
    }

    /// An unlocked mutex.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new(rank: Rank) -> Self {
        Self { lock: RawLock::new(), rank }
    }

    fn address(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// Blocks the M until the lock is ours.
    #[inline]
    pub fn lock(&self) {
        rank::push(self.rank, self.address());
        self.lock.lock();
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> bool {
        let taken = self.lock.try_lock();
        if taken {
            rank::push(self.rank, self.address());
        }
        taken
    }

    /// Gives the lock back.
    ///
    /// # Safety
    ///
    /// The caller holds the lock, on this thread.
    #[inline]
    pub unsafe fn unlock(&self) {
        rank::pop(self.rank, self.address());
        // SAFETY: the caller holds the lock.
        unsafe { self.lock.unlock() };
    }
}

/// A value behind a [`RawMutex`].
#[derive(Debug)]
pub struct Mutex<T: ?Sized> {
    raw: RawMutex,
    value: UnsafeCell<T>,
}

// SAFETY: Holder Has The Value: the value moves between threads only through the lock.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: Holder Has The Value: shared references reach the value one at a time.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    /// An unlocked mutex around `value`.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new(rank: Rank, value: T) -> Self {
        Self { raw: RawMutex::new(rank), value: UnsafeCell::new(value) }
    }

    /// An unlocked mutex around `value`.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new(rank: Rank, value: T) -> Self {
        Self { raw: RawMutex::new(rank), value: UnsafeCell::new(value) }
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Blocks the M until the value is ours.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.raw.lock();
        MutexGuard { value: self.value.get_mut(), raw: &self.raw }
    }

    /// The value, if nobody holds it.
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let raw = &self.raw;
        raw.try_lock().then(|| MutexGuard { value: self.value.get_mut(), raw })
    }

    /// The lock itself, for ordering several and for commits.
    #[inline]
    pub fn raw(&self) -> &RawMutex {
        &self.raw
    }

    /// A guard for a lock that is already held.
    ///
    /// # Safety
    ///
    /// The caller holds [`Self::raw`] on this thread and no other guard of it lives.
    #[inline]
    pub unsafe fn assume_locked(&self) -> MutexGuard<'_, T> {
        MutexGuard { value: self.value.get_mut(), raw: &self.raw }
    }
}

/// The right to the value; dropping it unlocks.
#[derive(Debug)]
pub struct MutexGuard<'a, T: ?Sized> {
    value: MutPtr<T>,
    raw: &'a RawMutex,
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// Leaves the lock held and returns it: the right travels on, into a commit.
    #[inline]
    #[must_use = "the lock stays held until somebody unlocks it"]
    pub fn into_raw(self) -> &'a RawMutex {
        let mut this = ManuallyDrop::new(self);
        let raw = this.raw;
        // SAFETY: `this` is never used again; only the access record ends here, not the lock.
        unsafe { core::ptr::drop_in_place(&raw mut this.value) };
        raw
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: Holder Has The Value.
        unsafe { self.value.deref() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: Holder Has The Value, and `&mut self` lets one borrow live at a time.
        unsafe { self.value.deref() }
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: a guard exists only while its thread holds the lock.
        unsafe { self.raw.unlock() };
    }
}
