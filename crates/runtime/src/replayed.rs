//! A replayed run with a value: what `gaggle-sim` is made of. Not for direct use; no promises.

use core::panic::Location;
use gaggle_gopark::{self as gopark, Task};
use gaggle_lock::{Mutex, Rank};
pub use gaggle_sched::{Failure, How, Outcome, Plan, Step, replay_seed, wanted_seed};
use std::sync::Arc;

/// Runs `f` as the main goroutine of a replayed run. No value: it failed, or called goexit.
///
/// # Safety
///
/// That of [`run`](crate::run).
#[track_caller]
pub unsafe fn replay<F, T>(plan: Plan, f: F) -> (Option<T>, Outcome)
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    crate::crash::install();
    let place = Arc::new(Mutex::new(Rank::Leaf, None));
    let theirs = Arc::clone(&place);
    let main = move || {
        let value = f();
        let _section = gopark::enter();
        *theirs.lock() = Some(value);
    };
    // SAFETY: the caller's promise is the same.
    let outcome = unsafe { gaggle_sched::replay(Task::new(main), Location::caller(), plan) };
    let value = place.lock().take();
    (value, outcome)
}
