//! To lock until a context ends.

use crate::context::Context;
use crate::error::Error;
use crate::interrupt::end_with;
use core::time::Duration;
use gaggle_sync::{BareMutex, Mutex, MutexGuard};

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

impl<T> LockCtx for Mutex<T> {
    type Guard<'a>
        = MutexGuard<'a, T>
    where
        T: 'a;

    fn lock_ctx<'a>(&'a self, ctx: &Context) -> Result<MutexGuard<'a, T>, Error> {
        if let Some(error) = ctx.err() {
            return Err(error);
        }
        match self.try_lock() {
            Some(guard) => Ok(guard),
            None => end_with(ctx, || self.try_lock_for(Duration::MAX)),
        }
    }
}

impl LockCtx for BareMutex {
    type Guard<'a> = ();

    fn lock_ctx(&self, ctx: &Context) -> Result<(), Error> {
        if let Some(error) = ctx.err() {
            return Err(error);
        }
        if self.try_lock() {
            return Ok(());
        }
        end_with(ctx, || self.lock_timeout(Duration::MAX).then_some(()))
    }
}
