//! To wait for a condition until a context ends.

use crate::context::Context;
use crate::error::Error;
use crate::interrupt::end_with;
use core::time::Duration;
use gaggle_sync::{Cond, CondGuard};

/// Waits for a condition that a context ends (WANTS 26).
pub trait CondCtx {
    /// Unlocks, waits for a signal or until `ctx` ends, and locks again, in either case. A switch point.
    ///
    /// # Errors
    ///
    /// The context's error, also if it had ended before the call. The lock is held all the same.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::{self as context, CondCtx, Error};
    /// use gaggle_sync::{Cond, Mutex};
    /// use std::time::Duration;
    /// let (beans, delivered) = (Mutex::new(0), Cond::new());
    /// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(5));
    /// let mut stock = beans.lock();
    /// let mut end = Ok(());
    /// while *stock == 0 && end.is_ok() {
    ///     end = delivered.wait_ctx(&mut stock, &ctx); // and nobody delivers
    /// }
    /// assert_eq!(end, Err(Error::DeadlineExceeded));
    /// ```
    fn wait_ctx<G: CondGuard>(&self, guard: &mut G, ctx: &Context) -> Result<(), Error>;
}

impl CondCtx for Cond {
    fn wait_ctx<G: CondGuard>(&self, guard: &mut G, ctx: &Context) -> Result<(), Error> {
        if let Some(error) = ctx.err() {
            return Err(error);
        }
        end_with(ctx, || self.wait_timeout(guard, Duration::MAX).then_some(()))
    }
}
