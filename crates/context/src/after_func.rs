//! `after_func`: a function that is called when a context ends.

use crate::context::Context;
use crate::hook::Hook;
use crate::node::{NodeRef, Role};
use crate::with_cancel::{Joined, make};
use core::fmt;
use core::panic::Location;
use gaggle_gopark::Task;

/// Calls `f` in its own goroutine when `ctx` ends; at once if it has (Go: `AfterFunc`, SEMANTICS S9). In a
/// process where no `run` has begun, a plain thread of its own takes the goroutine's place.
///
/// Calls on one context are independent of each other. Until the context ends or [`Stop::stop`] is
/// called, `f` and the context are kept.
///
/// # Examples
///
/// ```
/// use gaggle_context as context;
/// use gaggle_hchan::chan;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// let called = chan(1);
/// let call = called.clone();
/// let stop = context::after_func(&ctx, move || call.send("called"));
/// cancel.cancel();
/// assert_eq!(called.recv(), Some("called"));
/// assert!(!stop.stop());
/// ```
#[track_caller]
pub fn after_func(ctx: &Context, f: impl FnOnce() + Send + 'static) -> Stop {
    register(ctx, Hook::Start(Box::new((Task::new(f), Location::caller()))))
}

/// Does `hook` when `ctx` ends.
pub(crate) fn register(ctx: &Context, hook: Hook) -> Stop {
    let (node, other, joined) = make(ctx, Role::Call, hook);
    if joined == Joined::Line {
        let _ = other.into_raw(); // the line has it, or had: whoever takes the node out drops it
    }
    Stop(node)
}

/// Takes back what [`after_func`] has registered. Dropping it does not.
pub struct Stop(NodeRef);

impl Stop {
    /// Prevents the call: true if it did, false if the function was started, or stopped before. Does
    /// not wait for the function.
    pub fn stop(&self) -> bool {
        self.0.disarm().is_some()
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stop").field(&self.0).finish()
    }
}
