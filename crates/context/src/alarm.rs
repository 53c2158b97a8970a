//! [`Alarm`]: something to be done at a deadline, unless it is stopped.
//!
//! The one place of this crate that knows how: a goroutine that waits. A timer with a callback can
//! take its place without anybody else noticing.

use core::panic::Location;
use core::time::Duration;
use gaggle_gopark::{self as gopark, Task};
use gaggle_hchan::{Chan, RecvTimeoutError, chan};

/// A pending deadline.
pub(crate) struct Alarm {
    stopped: Chan<()>,
}

impl Alarm {
    /// Calls `ring` in a goroutine `after` this time.
    pub(crate) fn set(after: Duration, ring: impl FnOnce() + Send + 'static) -> Self {
        let stopped = chan(0);
        let told = stopped.clone();
        let wait = move || {
            if told.recv_timeout(after) == Err(RecvTimeoutError::Timeout) {
                ring();
            }
        };
        gopark::spawn(Task::new(wait), Location::caller());
        Self { stopped }
    }

    /// Stops it, unless it has begun to ring. Never switches.
    pub(crate) fn stop(self) {
        self.stopped.close();
    }
}
