//! The promise about thread-locals (`docs/thread-locals.md`) that whoever runs goroutines gives: once, for the rest of
//! the process.
//!
//! *Nobody Before*: no function of a user's runs on a goroutine before it. The scheduler may run by then: timers need it,
//! and settings boot it. Who would start a goroutine is refused, or, where the call is promised to come on
//! plain threads too, the function gets a thread of its own.

use crate::{boot, goroutine::spawn};
use gaggle_gopark::set_spawner;
use std::sync::Once;

static GIVEN: Once = Once::new();

/// Boots the scheduler, and notes the promise: from now on goroutines may start. The callers are `unsafe`.
pub(crate) fn give() {
    boot::boot();
    GIVEN.call_once(|| set_spawner(spawn::spawn_now));
}

/// True once a `run` has begun: who called it has promised what goroutines need.
#[inline]
pub fn is_promised() -> bool {
    GIVEN.is_completed()
}

/// Refuses to start a goroutine that nobody has promised anything for.
///
/// # Panics
///
/// If no `run` has begun in this process.
#[inline]
#[track_caller]
pub fn require_promise() {
    if !is_promised() {
        no_promise();
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_promise() -> ! {
    panic!(
        "go: no run has begun in this process yet: start the program with #[gaggle::main], \
         a test with #[gaggle::test], or call gaggle::run"
    );
}
