//! To run an operation that a context ends.

use crate::after_func::register;
use crate::bubble::who_ends;
use crate::context::Context;
use crate::error::Error;
use crate::hook::Hook;
use gaggle_gopark::{self as gopark, Interrupt};
use std::sync::Arc;

/// Runs `op`, an operation of the runtime whose waits have a deadline of `u64::MAX`; if `ctx` ends, they
/// end as if that had come. `op` says none then.
pub(crate) fn end_with<T>(ctx: &Context, op: impl FnOnce() -> Option<T>) -> Result<T, Error> {
    let interrupt = Arc::new(Interrupt::of(who_ends(ctx)));
    let stop = register(ctx, Hook::Interrupt(Arc::clone(&interrupt)));
    let done = gopark::interruptible(&interrupt, op);
    stop.stop();
    done.ok_or_else(|| ctx.err().unwrap_or(Error::Canceled)) // a foreign context may be late
}
