//! `with_cancel`, `with_cancel_cause`, `cause`: the face of cancellation.

use crate::context::{Context, Repr, Source};
use crate::error::{Ending, Error};
use crate::foreign;
use crate::hook::Hook;
use crate::node::{Node, NodeRef, Role};
use core::fmt;

/// Where a fresh node was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joined {
    /// Into the line of the node above.
    Line,
    /// Nowhere: nothing above ends, it has ended already, or it is foreign.
    Nothing,
}

/// Makes a node below `parent` and puts it in line there; it has ended, if the parent has. Two rights
/// to it.
pub(crate) fn make(parent: &Context, role: Role, hook: Hook) -> (NodeRef, NodeRef, Joined) {
    let source = parent.source();
    let up = match source {
        Source::Node(above) => Some(above.as_ptr()),
        Source::Never | Source::Foreign(_) => None,
    };
    let (node, other) = Node::make(parent.clone(), up, role, hook);
    let mut joined = Joined::Nothing;
    match source {
        Source::Never => {}
        Source::Foreign(foreign) => foreign::follow(foreign, &node),
        Source::Node(above) if above.adopt(&node) => joined = Joined::Line,
        Source::Node(above) => node.cancel(above.ending().unwrap_or(Ending::CANCELED)),
    }
    (node, other, joined)
}

/// A child of `parent` that ends when it is cancelled, or when its parent ends, whichever comes first
/// (Go: `WithCancel`, SEMANTICS S2).
///
/// Cancel it when it is no longer needed, or let [`CancelFunc::cancel_on_drop`] do so: work that waits
/// for it goes on to wait otherwise.
///
/// # Examples
///
/// ```
/// use gaggle_context as context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// let (child, _cancel_child) = context::with_cancel(&ctx);
/// cancel.cancel();
/// assert!(child.err().is_some());
/// assert_eq!(child.to_string(), "context.Background.WithCancel.WithCancel");
/// ```
pub fn with_cancel(parent: &Context) -> (Context, CancelFunc) {
    let (node, other, _) = make(parent, Role::Cancel, Hook::None);
    (Context { repr: Repr::Node(node) }, CancelFunc(other))
}

/// As [`with_cancel`], with a cancel function that says why (Go: `WithCancelCause`, SEMANTICS S6).
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Error};
/// let (ctx, cancel) = context::with_cancel_cause(&context::background());
/// let why = Error::new("no more coffee");
/// cancel.cancel(Some(why.clone()));
/// assert_eq!(ctx.err(), Some(Error::Canceled));
/// assert_eq!(context::cause(&ctx), Some(why));
/// ```
pub fn with_cancel_cause(parent: &Context) -> (Context, CancelCauseFunc) {
    let (ctx, CancelFunc(node)) = with_cancel(parent);
    (ctx, CancelCauseFunc(node))
}

/// Why `ctx`, or the one above it that made it end, was cancelled: its error, if nobody gave a cause;
/// none while it has not ended (Go: `Cause`, SEMANTICS S6).
///
/// # Examples
///
/// See [`with_cancel_cause`].
pub fn cause(ctx: &Context) -> Option<Error> {
    // First: one that has ended has its cause written.
    let err = ctx.err()?;
    let ending = nearest(ctx).and_then(|node| node.ending());
    Some(ending.map_or(err, Ending::into_cause))
}

/// The nearest of our own cancellable contexts, also inside foreign ones.
fn nearest(ctx: &Context) -> Option<&NodeRef> {
    let mut at = ctx;
    loop {
        at = match &at.repr {
            Repr::Node(node) => return Some(node),
            Repr::Value(node) => &node.parent,
            Repr::Foreign(foreign) => foreign.inner()?,
            Repr::Background | Repr::Todo | Repr::WithoutCancel(_) => return None,
        }
    }
}

/// Cancels one context (Go: `CancelFunc`).
///
/// Dropping it cancels nothing; see [`cancel_on_drop`](Self::cancel_on_drop).
#[derive(Clone)]
#[must_use = "a context that nobody cancels holds what waits for it"]
pub struct CancelFunc(pub(crate) NodeRef);

impl CancelFunc {
    /// Ends the context with [`Error::Canceled`], and everything made from it; when it returns, all of
    /// that has ended. Later calls do nothing. Never switches.
    #[inline]
    pub fn cancel(&self) {
        self.0.cancel(Ending::CANCELED);
    }

    /// Cancels when the result is dropped (Go: `defer cancel()`).
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context as context;
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// drop(cancel.cancel_on_drop());
    /// assert!(ctx.err().is_some());
    /// ```
    pub fn cancel_on_drop(self) -> CancelOnDrop {
        CancelOnDrop(self)
    }
}

impl fmt::Debug for CancelFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelFunc").field(&self.0).finish()
    }
}

/// Cancels one context when it is dropped.
#[derive(Debug)]
#[must_use = "it cancels when it is dropped: at once, if it has no name"]
pub struct CancelOnDrop(CancelFunc);

impl CancelOnDrop {
    /// Cancels now.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Cancels one context, with a cause (Go: `CancelCauseFunc`).
#[derive(Clone)]
#[must_use = "a context that nobody cancels holds what waits for it"]
pub struct CancelCauseFunc(NodeRef);

impl CancelCauseFunc {
    /// Ends the context with [`Error::Canceled`], because of `cause`; none stands for `Canceled`. The
    /// first call counts (SEMANTICS S6). Never switches.
    pub fn cancel(&self, cause: Option<Error>) {
        self.0.cancel(Ending { err: Error::Canceled, cause });
    }

    /// Cancels without a cause when the result is dropped (Go: `defer cancel(nil)`).
    pub fn cancel_on_drop(self) -> CancelOnDrop {
        CancelOnDrop(CancelFunc(self.0))
    }
}

impl fmt::Debug for CancelCauseFunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CancelCauseFunc").field(&self.0).finish()
    }
}
