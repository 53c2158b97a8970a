//! To lock, for writing or for reading, until a context ends.

use crate::context::Context;
use crate::error::Error;
use crate::interrupt::end_with;
use core::time::Duration;
use gaggle_sync::{
    BareMutex, BareRwMutex, Mutex, MutexGuard, RwMutex, RwMutexReadGuard, RwMutexWriteGuard,
};

/// Locks that a context ends (WANTS 26).
pub trait LockCtx {
    /// The right that it gives.
    type Guard<'a>
    where
        Self: 'a;

    /// Waits until the lock is ours or `ctx` ends. A switch point.
    ///
    /// # Errors
    ///
    /// The context's error, also if it had ended before the call.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::{self as context, Error, LockCtx};
    /// use std::time::Duration;
    /// let stock = gaggle_sync::Mutex::new(3);
    /// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(5));
    /// let held = stock.lock_ctx(&ctx)?;
    /// assert_eq!(stock.lock_ctx(&ctx).err(), Some(Error::DeadlineExceeded));
    /// assert_eq!(*held, 3);
    /// # Ok::<(), Error>(())
    /// ```
    fn lock_ctx<'a>(&'a self, ctx: &Context) -> Result<Self::Guard<'a>, Error>;
}

/// Locks for reading that a context ends.
pub trait RLockCtx {
    /// The right that it gives.
    type Guard<'a>
    where
        Self: 'a;

    /// Waits until we may read or `ctx` ends. A switch point.
    ///
    /// # Errors
    ///
    /// The context's error, also if it had ended before the call.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::{self as context, Error, LockCtx, RLockCtx};
    /// use std::time::Duration;
    /// let menu = gaggle_sync::RwMutex::new("espresso");
    /// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(5));
    /// let reads = menu.rlock_ctx(&ctx)?;
    /// assert_eq!(*menu.rlock_ctx(&ctx)?, "espresso");
    /// assert_eq!(menu.lock_ctx(&ctx).err(), Some(Error::DeadlineExceeded));
    /// drop(reads);
    /// # Ok::<(), Error>(())
    /// ```
    fn rlock_ctx<'a>(&'a self, ctx: &Context) -> Result<Self::Guard<'a>, Error>;
}

/// Tries at once, then waits until `ctx` ends.
fn lock<T>(
    ctx: &Context,
    at_once: impl FnOnce() -> Option<T>,
    at_last: impl FnOnce() -> Option<T>,
) -> Result<T, Error> {
    if let Some(error) = ctx.err() {
        return Err(error);
    }
    match at_once() {
        Some(guard) => Ok(guard),
        None => end_with(ctx, at_last),
    }
}

impl<T> LockCtx for Mutex<T> {
    type Guard<'a>
        = MutexGuard<'a, T>
    where
        T: 'a;

    fn lock_ctx<'a>(&'a self, ctx: &Context) -> Result<MutexGuard<'a, T>, Error> {
        lock(ctx, || self.try_lock(), || self.try_lock_for(Duration::MAX))
    }
}

impl LockCtx for BareMutex {
    type Guard<'a> = ();

    fn lock_ctx(&self, ctx: &Context) -> Result<(), Error> {
        let got = |locked: bool| locked.then_some(());
        lock(ctx, || got(self.try_lock()), || got(self.lock_timeout(Duration::MAX)))
    }
}

impl<T> LockCtx for RwMutex<T> {
    type Guard<'a>
        = RwMutexWriteGuard<'a, T>
    where
        T: 'a;

    fn lock_ctx<'a>(&'a self, ctx: &Context) -> Result<RwMutexWriteGuard<'a, T>, Error> {
        lock(ctx, || self.try_write(), || self.try_write_for(Duration::MAX))
    }
}

impl<T> RLockCtx for RwMutex<T> {
    type Guard<'a>
        = RwMutexReadGuard<'a, T>
    where
        T: 'a;

    fn rlock_ctx<'a>(&'a self, ctx: &Context) -> Result<RwMutexReadGuard<'a, T>, Error> {
        lock(ctx, || self.try_read(), || self.try_read_for(Duration::MAX))
    }
}

impl LockCtx for BareRwMutex {
    type Guard<'a> = ();

    fn lock_ctx(&self, ctx: &Context) -> Result<(), Error> {
        let got = |locked: bool| locked.then_some(());
        lock(ctx, || got(self.try_lock()), || got(self.lock_timeout(Duration::MAX)))
    }
}

impl RLockCtx for BareRwMutex {
    type Guard<'a> = ();

    fn rlock_ctx(&self, ctx: &Context) -> Result<(), Error> {
        let got = |locked: bool| locked.then_some(());
        lock(ctx, || got(self.try_rlock()), || got(self.rlock_timeout(Duration::MAX)))
    }
}
