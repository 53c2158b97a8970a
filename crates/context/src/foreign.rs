//! [`Foreign`]: contexts of another kind, and how ours follow them.

use crate::context::Context;
use crate::done;
use crate::error::{Ending, Error};
use crate::node::NodeRef;
use core::any::{Any, type_name};
use core::fmt;
use core::panic::Location;
use core::sync::atomic::{AtomicUsize, Ordering};
use gaggle_gopark::{self as gopark, Task};
use gaggle_hchan::{RecvOnly, select};
use std::time::Instant;

/// What is to be called when a foreign context ends.
pub type Callback = Box<dyn FnOnce() + Send>;

/// Takes a [`Callback`] back: true if that prevented the call.
pub type Unregister = Box<dyn FnOnce() -> bool + Send>;

/// A context of another kind (Go: any type with the methods of `context.Context`).
///
/// All methods speak for the context of [`inner`](Self::inner), if there is one, so a type that wraps a
/// context overrides what it changes.
///
/// A context made from a foreign one costs a goroutine while it lives, unless the foreign one shows the
/// channel of its inner context, or takes callbacks by [`after_func`](Self::after_func) (SEMANTICS S10).
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Context, Foreign};
/// use std::time::{Duration, Instant};
///
/// /// Says that it ends a second earlier than it does.
/// struct Early(Context);
/// impl Foreign for Early {
///     fn inner(&self) -> Option<&Context> {
///         Some(&self.0)
///     }
///     fn deadline(&self) -> Option<Instant> {
///         self.0.deadline()?.checked_sub(Duration::from_secs(1))
///     }
/// }
///
/// let (inner, cancel) = context::with_cancel(&context::background());
/// let early = Context::foreign(Early(inner));
/// let (child, _) = context::with_cancel(&early);
/// cancel.cancel();
/// assert!(early.err().is_some() && child.err().is_some());
/// ```
pub trait Foreign: Send + Sync + 'static {
    /// The context that this one is made around.
    fn inner(&self) -> Option<&Context> {
        None
    }

    /// When it ends by itself.
    fn deadline(&self) -> Option<Instant> {
        self.inner().and_then(Context::deadline)
    }

    /// The channel that is closed when it ends; nil if it never does. Always the same.
    fn done(&self) -> &RecvOnly<()> {
        self.inner().map_or(done::never(), Context::done)
    }

    /// Why it ended: an error as soon as the channel is closed, and not before.
    fn err(&self) -> Option<Error> {
        self.inner().and_then(Context::err)
    }

    /// The value under `key`; its type is the one that the [`Key`](crate::Key) says, or it is not
    /// found.
    fn value(&self, key: &dyn Any) -> Option<&(dyn Any + Send + Sync)> {
        self.inner()?.value_any(key)
    }

    /// Calls `callback` when it ends, on whatever goroutine; at once if it has ended (SEMANTICS S9).
    ///
    /// # Errors
    ///
    /// `callback`, if this kind of context cannot do that.
    fn after_func(&self, callback: Callback) -> Result<Unregister, Callback> {
        Err(callback)
    }

    /// How it is shown; by the name of its type if not said otherwise.
    ///
    /// # Errors
    ///
    /// What the formatter says.
    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(type_name::<Self>())
    }
}

/// How many goroutines were started to follow foreign contexts: for tests.
#[doc(hidden)]
pub fn goroutines_started() -> usize {
    // Relaxed: a number.
    STARTED.load(Ordering::Relaxed)
}

static STARTED: AtomicUsize = AtomicUsize::new(0);

/// Makes `child` end when `foreign`, from which its parent's cancellation comes, does.
pub(crate) fn follow(foreign: &dyn Foreign, child: &NodeRef) {
    if done::is_closed(foreign.done()) {
        return child.cancel(ending_of(child.parent()));
    }
    let callback = {
        let child = child.clone();
        Box::new(move || child.cancel(ending_of(child.parent())))
    };
    match foreign.after_func(callback) {
        Ok(unregister) => keep(child, unregister),
        Err(callback) => follow_by_goroutine(foreign.done().clone(), child.clone(), callback),
    }
}

/// Calls `unregister` when `child` ends: now, if it has.
fn keep(child: &NodeRef, unregister: Unregister) {
    let late = {
        let _section = gopark::enter();
        let mut inner = child.inner.lock();
        if inner.is_marked() {
            Some(unregister)
        } else {
            inner.unregister = Some(unregister);
            None
        }
    };
    if let Some(unregister) = late {
        unregister();
    }
}

fn follow_by_goroutine(done: RecvOnly<()>, child: NodeRef, callback: Callback) {
    // Relaxed: a number.
    STARTED.fetch_add(1, Ordering::Relaxed);
    let follow = move || {
        select! {
            recv(done) -> _ => callback(),
            recv(child.done()) -> _ => {},
        }
    };
    gopark::spawn(Task::new(follow), Location::caller());
}

/// How a context that has ended did.
fn ending_of(ctx: &Context) -> Ending {
    let err = ctx.err().unwrap_or(Error::Canceled);
    let cause = crate::cause(ctx).filter(|cause| *cause != err);
    Ending { err, cause }
}
