//! [`Context`]: the handle, and what can be asked of it. A chain of them, from child to parent.
//!
//! *Chains Are Loops*: a chain may be long, and stacks are small: it is walked, printed and dropped by
//! loops, never by recursion.

use crate::done;
use crate::error::Error;
use crate::foreign::Foreign;
use crate::node::{NodeRef, Role};
use crate::value::{Pair, ValueNode};
use crate::wall::When;
use core::fmt;
use core::mem;
use gaggle_hchan::RecvOnly;
use std::sync::Arc;
use std::time::Instant;

/// A deadline, a cancellation and values, passed from caller to callee (Go: `context.Context`).
///
/// A handle: cheap to clone, and clones are the same context. The default is the background.
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Context, Error};
/// use gaggle_hchan::{chan, select};
///
/// fn work(ctx: &Context) -> Result<u32, Error> {
///     let results = chan::<u32>(0); // nobody sends
///     select! {
///         recv(results) -> it => Ok(it.unwrap_or(0)),
///         recv(ctx.done()) -> _ => Err(ctx.err().expect("done")),
///     }
/// }
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// cancel.cancel();
/// assert_eq!(work(&ctx), Err(Error::Canceled));
/// ```
#[derive(Clone, Default)]
pub struct Context {
    pub(crate) repr: Repr,
}

/// What a context is.
#[derive(Clone, Default)]
pub(crate) enum Repr {
    #[default]
    Background,
    Todo,
    /// Can be cancelled.
    Node(NodeRef),
    /// Has one value more than its parent.
    Value(Arc<ValueNode<dyn Pair>>),
    /// Has nothing but the values of its parent.
    WithoutCancel(Arc<Context>),
    /// Somebody else's.
    Foreign(Arc<dyn Foreign>),
}

/// Where a context's cancellation comes from.
pub(crate) enum Source<'a> {
    Never,
    Node(&'a NodeRef),
    Foreign(&'a dyn Foreign),
}

/// The context of main, of tests, and of what begins with a request: never cancelled, no deadline, no
/// values (SEMANTICS S1).
///
/// # Examples
///
/// ```
/// let ctx = gaggle_context::background();
/// assert_eq!(ctx.to_string(), "context.Background");
/// assert!(ctx.done().is_nil() && ctx.err().is_none() && ctx.deadline().is_none());
/// ```
pub const fn background() -> Context {
    Context { repr: Repr::Background }
}

/// The same, for where it is not clear yet which context to use.
///
/// # Examples
///
/// ```
/// assert_eq!(gaggle_context::todo().to_string(), "context.TODO");
/// ```
pub const fn todo() -> Context {
    Context { repr: Repr::Todo }
}

impl Context {
    /// A context of another kind, as one of ours.
    ///
    /// # Examples
    ///
    /// See [`Foreign`].
    pub fn foreign(foreign: impl Foreign) -> Context {
        Context { repr: Repr::Foreign(Arc::new(foreign)) }
    }

    /// When it ends by itself, if it does.
    pub fn deadline(&self) -> Option<Instant> {
        let mut at = self;
        loop {
            at = match &at.repr {
                Repr::Background | Repr::Todo | Repr::WithoutCancel(_) => return None,
                Repr::Value(node) => &node.parent,
                Repr::Foreign(foreign) => return foreign.deadline(),
                Repr::Node(node) => match node.role {
                    Role::Deadline(when) => return Some(when),
                    Role::Cancel | Role::Call => node.parent(),
                },
            }
        }
    }

    /// The channel that is closed when it ends; nil if it never does. The same for each call
    /// (SEMANTICS S4). For `select!`; nothing is ever sent on it.
    ///
    /// Keep the context while somebody listens: a clone of the channel whose context, with all its
    /// handles, children and its cancel function, is gone, may stay open for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context as context;
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// cancel.cancel();
    /// assert_eq!(ctx.done().recv(), None);
    /// ```
    #[inline]
    pub fn done(&self) -> &RecvOnly<()> {
        match &self.repr {
            Repr::Node(node) => node.done(),
            _ => self.done_elsewhere(),
        }
    }

    #[inline(never)]
    fn done_elsewhere(&self) -> &RecvOnly<()> {
        match self.holder() {
            Repr::Node(node) => node.done(),
            Repr::Foreign(foreign) => foreign.done(),
            _ => done::never(),
        }
    }

    /// Why it ended; none while it has not. If there is an error, the channel is closed (SEMANTICS
    /// S3).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context::{self as context, Error};
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// assert_eq!(ctx.err(), None);
    /// cancel.cancel();
    /// assert_eq!(ctx.err(), Some(Error::Canceled));
    /// ```
    #[inline]
    pub fn err(&self) -> Option<Error> {
        match &self.repr {
            Repr::Node(node) => node.err(),
            _ => self.err_elsewhere(),
        }
    }

    #[inline(never)]
    fn err_elsewhere(&self) -> Option<Error> {
        match self.holder() {
            Repr::Node(node) => node.err(),
            Repr::Foreign(foreign) => foreign.err(),
            _ => None,
        }
    }

    /// The nearest in the chain that says when this one ends.
    fn holder(&self) -> &Repr {
        let mut at = self;
        while let Repr::Value(node) = &at.repr {
            at = &node.parent;
        }
        &at.repr
    }

    /// Where its cancellation comes from. A foreign context that shows the channel of the one it is
    /// made around stands for that one (SEMANTICS S10).
    pub(crate) fn source(&self) -> Source<'_> {
        let mut at = self;
        loop {
            match at.holder() {
                Repr::Node(node) => return Source::Node(node),
                Repr::Foreign(foreign) if foreign.done().is_nil() => return Source::Never,
                Repr::Foreign(foreign) => match foreign.inner() {
                    Some(inner) if inner.done() == foreign.done() => at = inner,
                    _ => return Source::Foreign(&**foreign),
                },
                _ => return Source::Never,
            }
        }
    }

    /// The context that this one was made from, if it is one of ours.
    fn parent(&self) -> Option<&Context> {
        match &self.repr {
            Repr::Node(node) => Some(node.parent()),
            Repr::Value(node) => Some(&node.parent),
            Repr::WithoutCancel(parent) => Some(parent),
            Repr::Background | Repr::Todo | Repr::Foreign(_) => None,
        }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chain: Vec<&Context> = core::iter::successors(Some(self), |at| at.parent()).collect();
        chain.iter().rev().try_for_each(|at| match &at.repr {
            Repr::Background => f.write_str("context.Background"),
            Repr::Todo => f.write_str("context.TODO"),
            Repr::Foreign(foreign) => foreign.describe(f),
            Repr::WithoutCancel(_) => f.write_str(".WithoutCancel"),
            Repr::Value(node) => node.describe(f),
            Repr::Node(node) => match node.role {
                Role::Cancel | Role::Call => f.write_str(".WithCancel"),
                Role::Deadline(when) => write!(f, ".WithDeadline({})", When(when)),
            },
        })
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Drop for Context {
    #[inline]
    fn drop(&mut self) {
        if !matches!(self.repr, Repr::Background | Repr::Todo) {
            release(mem::take(&mut self.repr));
        }
    }
}

/// Drops a chain, as far as this was the last handle (Chains Are Loops).
fn release(mut repr: Repr) {
    loop {
        let parent = match repr {
            Repr::Background | Repr::Todo => return,
            Repr::Foreign(foreign) => return drop(foreign),
            Repr::Node(node) => node.release(),
            Repr::Value(mut node) => {
                Arc::get_mut(&mut node).map(|node| mem::take(&mut node.parent))
            }
            Repr::WithoutCancel(mut parent) => Arc::get_mut(&mut parent).map(mem::take),
        };
        let Some(mut parent) = parent else { return };
        repr = mem::take(&mut parent.repr);
    }
}
