//! `without_cancel`: the values of a context, and nothing of its end.

use crate::context::{Context, Repr};
use std::sync::Arc;

/// A child of `parent` that has its values, and never ends, whatever the parent does (Go:
/// `WithoutCancel`, SEMANTICS S7).
///
/// # Examples
///
/// ```
/// use gaggle_context as context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// let log = context::without_cancel(&ctx);
/// cancel.cancel();
/// assert!(log.err().is_none() && context::cause(&log).is_none());
/// assert_eq!(log.to_string(), "context.Background.WithCancel.WithoutCancel");
/// ```
pub fn without_cancel(parent: &Context) -> Context {
    Context { repr: Repr::WithoutCancel(Arc::new(parent.clone())) }
}
