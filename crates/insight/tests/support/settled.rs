//! Lets others run until each of them waits.

#[path = "until.rs"]
mod until;

/// Yields until nobody else runs or can run.
pub(crate) fn yield_until_all_wait() {
    until::yield_until(|| {
        let now = gaggle_sched::metrics();
        now.running + now.runnable <= 1
    });
}
