//! `sleep`, until a context ends.

use crate::context::Context;
use crate::error::Error;
use core::time::Duration;
use gaggle_hchan::RecvTimeoutError;

/// Pauses the current goroutine for `duration`, or until `ctx` ends (Go: a `select` of `ctx.Done()` and
/// `time.After`). A switch point.
///
/// # Errors
///
/// The context's error, also if it had ended before the call.
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Error};
/// use std::time::Duration;
/// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(5));
/// assert_eq!(context::sleep(&ctx, Duration::ZERO), Ok(()));
/// assert_eq!(context::sleep(&ctx, Duration::from_secs(60)), Err(Error::DeadlineExceeded));
/// ```
pub fn sleep(ctx: &Context, duration: Duration) -> Result<(), Error> {
    if let Some(error) = ctx.err() {
        return Err(error);
    }
    if duration.is_zero() {
        return Ok(());
    }
    match ctx.done().recv_timeout(duration) {
        Err(RecvTimeoutError::Timeout) => Ok(()),
        _ => Err(ctx.err().unwrap_or(Error::Canceled)), // a foreign context may be late
    }
}
