//! Lets others run until each of them waits.

#[path = "until.rs"]
mod until;

use std::cell::Cell;

/// One look reads one goroutine after the other, and one that was seen waiting may have been made ready by the next, which
/// waits by then. So many looks between which others could run would have to be misled alike.
const LOOKS: u32 = 20;

/// Yields until nobody else runs or can run, in a blocking call or not.
pub(crate) fn yield_until_all_wait() {
    let agreed = Cell::new(0);
    until::yield_until(|| {
        let now = gaggle_sched::metrics();
        let is_so = now.running + now.runnable + now.not_in_go <= 1;
        agreed.set(if is_so { agreed.get() + 1 } else { 0 });
        agreed.get() >= LOOKS
    });
}
