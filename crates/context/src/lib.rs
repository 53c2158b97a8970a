//! Cancellation, deadlines and values that pass from caller to callee, with Go's semantics.
//!
//! | Go | here |
//! |---|---|
//! | `ctx.Done()`, `Err()`, `Deadline()`, `Value(k)` | [`Context::done`], [`err`](Context::err), [`deadline`](Context::deadline), [`value`](Context::value) |
//! | `Background()`, `TODO()` | [`background`], [`todo`](fn@todo) |
//! | `WithCancel`, `WithCancelCause`, `Cause` | [`with_cancel`], [`with_cancel_cause`], [`cause`] |
//! | `WithDeadline`, `WithTimeout`, `...Cause` | [`with_deadline`], [`with_timeout`], [`with_deadline_cause`], [`with_timeout_cause`] |
//! | `WithValue` | [`with_value`], under a typed [`Key`] |
//! | `AfterFunc`, `WithoutCancel` | [`after_func`], [`without_cancel`] |
//! | `Canceled`, `DeadlineExceeded` | [`Error::Canceled`], [`Error::DeadlineExceeded`] |
//! | any type with the methods of `context.Context` | [`Foreign`] |
//! | a `select` of an operation and `ctx.Done()` | [`RecvCtx`], [`SendCtx`], [`LockCtx`], [`RLockCtx`], [`CondCtx`], [`WaitCtx`], [`sleep`] |
//!
//! To make, to ask and to cancel never switch; the forms of [`RecvCtx`] and its like do.
//!
//! # Examples
//!
//! ```
//! use gaggle_context::{self as context, Error, RecvCtx};
//! use gaggle_hchan::chan;
//! use std::time::Duration;
//!
//! let (ctx, cancel) = context::with_timeout(&context::background(), Duration::from_secs(60));
//! let (orders, mut served) = (chan::<u32>(3), 0);
//! orders.send(2);
//! orders.send(3);
//! served += orders.recv_ctx(&ctx)?.unwrap_or(0);
//! served += orders.recv_ctx(&ctx)?.unwrap_or(0);
//! assert_eq!(served, 5);
//! cancel.cancel();
//! assert_eq!(orders.recv_ctx(&ctx), Err(Error::Canceled));
//! # Ok::<(), Error>(())
//! ```

mod after_func;
#[cfg(not(loom))] // models have no clock
mod alarm;
mod bubble;
mod cancel;
mod chan_ctx;
#[cfg(not(loom))] // lock_api's guards have no loom face
mod cond_ctx;
mod context;
#[cfg(not(loom))] // models have no clock
mod deadline;
mod done;
mod error;
mod foreign;
mod hook;
mod interrupt;
mod line;
#[cfg(not(loom))] // lock_api's mutex has no loom face
mod lock_ctx;
mod node;
mod sleep;
mod value;
mod wait_ctx;
mod wall;
mod with_cancel;
mod without_cancel;

pub use after_func::{Stop, after_func};
pub use chan_ctx::{RecvCtx, SendCtx, SendCtxError};
#[cfg(not(loom))] // lock_api's guards have no loom face
pub use cond_ctx::CondCtx;
pub use context::{Context, background, todo};
#[cfg(not(loom))] // models have no clock
pub use deadline::{with_deadline, with_deadline_cause, with_timeout, with_timeout_cause};
pub use error::Error;
pub use foreign::{Callback, Foreign, Unregister, goroutines_started};
#[cfg(not(loom))] // lock_api's mutex has no loom face
pub use lock_ctx::{LockCtx, RLockCtx};
pub use sleep::sleep;
pub use value::{Key, with_value};
pub use wait_ctx::WaitCtx;
pub use with_cancel::{
    CancelCauseFunc, CancelFunc, CancelOnDrop, cause, with_cancel, with_cancel_cause,
};
pub use without_cancel::without_cancel;
