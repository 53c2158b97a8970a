//! Lets others run until something is so.

use gaggle_runtime::gosched;
use std::time::{Duration, Instant};

/// Yields until `done`, or ten seconds later goes on as it is: a thread may have no CPU for long.
pub(crate) fn yield_until(done: impl Fn() -> bool) {
    let begin = Instant::now();
    while !done() && begin.elapsed() < Duration::from_secs(10) {
        gosched();
    }
}
