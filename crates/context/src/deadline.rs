//! `with_deadline`, `with_timeout` and their forms with a cause.

use crate::alarm::Alarm;
use crate::context::{Context, Repr};
use crate::error::{Ending, Error};
use crate::hook::Hook;
use crate::node::{NodeRef, Role};
use crate::with_cancel::{CancelFunc, make, with_cancel};
use core::time::Duration;
use gaggle_gopark as gopark;
use std::time::Instant;

/// A child of `parent` that ends at `deadline`, with [`Error::DeadlineExceeded`], if not before (Go:
/// `WithDeadline`, SEMANTICS S5). A parent whose deadline is earlier keeps it.
///
/// Cancel it as soon as what it is for is done: that stops the clock.
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Error};
/// use std::time::Instant;
/// let (ctx, _cancel) = context::with_deadline(&context::background(), Instant::now());
/// assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
/// ```
pub fn with_deadline(parent: &Context, deadline: Instant) -> (Context, CancelFunc) {
    let left = deadline.saturating_duration_since(gopark::instant_now());
    begin(parent, Some(deadline), left, None)
}

/// As [`with_deadline`]; the cause is `cause` if the deadline ends it, and not if the cancel function
/// does (Go: `WithDeadlineCause`, SEMANTICS S6).
///
/// # Examples
///
/// See [`with_timeout_cause`].
pub fn with_deadline_cause(
    parent: &Context,
    deadline: Instant,
    cause: Option<Error>,
) -> (Context, CancelFunc) {
    let left = deadline.saturating_duration_since(gopark::instant_now());
    begin(parent, Some(deadline), left, cause)
}

/// A child of `parent` that ends after `timeout`, if not before (Go: `WithTimeout`, SEMANTICS S5). A
/// time that does not fit on the clock is never.
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Error};
/// use std::time::Duration;
/// let (ctx, _cancel) = context::with_timeout(&context::background(), Duration::from_millis(5));
/// assert_eq!(ctx.done().recv(), None);
/// assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
/// ```
pub fn with_timeout(parent: &Context, timeout: Duration) -> (Context, CancelFunc) {
    begin(parent, gopark::instant_now().checked_add(timeout), timeout, None)
}

/// As [`with_timeout`], with a cause for when the time is up (Go: `WithTimeoutCause`, SEMANTICS S6).
///
/// # Examples
///
/// ```
/// use gaggle_context::{self as context, Error};
/// use std::time::Duration;
/// let slow = Error::new("the oven is cold");
/// let millisecond = Duration::from_millis(1);
/// let (ctx, _cancel) =
///     context::with_timeout_cause(&context::background(), millisecond, Some(slow.clone()));
/// assert_eq!(ctx.done().recv(), None);
/// assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
/// assert_eq!(context::cause(&ctx), Some(slow));
/// ```
pub fn with_timeout_cause(
    parent: &Context,
    timeout: Duration,
    cause: Option<Error>,
) -> (Context, CancelFunc) {
    begin(parent, gopark::instant_now().checked_add(timeout), timeout, cause)
}

/// `left` is what was left until `deadline` a moment ago.
fn begin(
    parent: &Context,
    deadline: Option<Instant>,
    left: Duration,
    cause: Option<Error>,
) -> (Context, CancelFunc) {
    let earlier = |&deadline: &Instant| parent.deadline().is_none_or(|first| first >= deadline);
    let Some(deadline) = deadline.filter(earlier) else { return with_cancel(parent) };
    let (node, other, _) = make(parent, Role::Deadline(deadline), Hook::None);
    if left.is_zero() {
        node.cancel(Ending { err: Error::DeadlineExceeded, cause });
    } else {
        arm(&node, left, cause);
    }
    (Context { repr: Repr::Node(node) }, CancelFunc(other))
}

/// Ends `node` after `left`, if it has not ended by then.
fn arm(node: &NodeRef, left: Duration, cause: Option<Error>) {
    if node.is_marked() {
        return;
    }
    let alarm = Hook::Alarm(Alarm::set(node.clone(), left, cause));
    let late = {
        let _section = gopark::enter();
        let mut inner = node.inner.lock();
        if inner.is_marked() { alarm } else { core::mem::replace(&mut inner.hook, alarm) }
    };
    late.run(); // it ended meanwhile: stops the clock
}
