//! To wait for a group until a context ends.

use crate::context::Context;
use crate::error::Error;
use crate::interrupt::end_with;
use core::time::Duration;
use gaggle_sync::WaitGroup;

/// Waits that a context ends.
pub trait WaitCtx {
    /// Waits until the counter is zero or `ctx` ends. A switch point.
    ///
    /// # Panics
    ///
    /// As [`WaitGroup::wait`].
    ///
    /// # Errors
    ///
    /// The context's error, also if it had ended before the call.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::{self as context, Error, WaitCtx};
    /// use std::time::Duration;
    /// let wg = gaggle_sync::WaitGroup::new();
    /// wg.add(1); // and nobody is done
    /// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(1));
    /// assert_eq!(wg.wait_ctx(&ctx), Err(Error::DeadlineExceeded));
    /// ```
    #[track_caller]
    fn wait_ctx(&self, ctx: &Context) -> Result<(), Error>;
}

impl WaitCtx for WaitGroup {
    fn wait_ctx(&self, ctx: &Context) -> Result<(), Error> {
        if let Some(error) = ctx.err() {
            return Err(error);
        }
        end_with(ctx, || self.wait_timeout(Duration::MAX).then_some(()))
    }
}
