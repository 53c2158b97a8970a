//! [`Alarm`]: a deadline, which ends a node unless it is stopped.
//!
//! A goroutine that starts then (Go: `time.AfterFunc`): the one thing of the scheduler's that this crate
//! needs, in this file only.

use crate::error::{Ending, Error};
use crate::node::NodeRef;
use core::panic::Location;
use core::time::Duration;
use gaggle_gopark as gopark;
use gaggle_sched::LaterOnce;

/// A pending deadline. It holds its node until it is stopped, or has ended it.
pub(crate) struct Alarm(LaterOnce);

impl Alarm {
    /// Ends `node` after `left`, because of `cause` if there is one.
    #[inline]
    pub(crate) fn set(node: NodeRef, left: Duration, cause: Option<Error>) -> Self {
        let left = u64::try_from(left.as_nanos()).unwrap_or(u64::MAX);
        let when = gopark::now().saturating_add(left).min(u64::MAX - 1); // the last one is "never"
        let ring = move || node.cancel(Ending { err: Error::DeadlineExceeded, cause });
        Self(LaterOnce::at(when, ring, Location::caller()))
    }

    /// Stops it, unless it has begun to ring. Never switches.
    pub(crate) fn stop(self) {
        self.0.cancel();
    }
}
