//! `sleep`: the current goroutine, or the current plain thread, waits for the clock alone.

use crate::clock::deadline;
use gaggle_gopark::{self as gopark, Commit, WaitReason, Wake};
use std::time::Duration;

/// Pauses the current goroutine for at least `duration`; zero returns at once (Go: `time.Sleep`,
/// SEMANTICS T1). A plain thread that calls it sleeps as a thread.
///
/// The resolution is the kernel's: nanoseconds, plus its timer slack (50 us by default). A
/// duration whose end lies beyond the clock's range lasts until that range ends, never less.
///
/// # Examples
///
/// ```
/// gaggle_time::sleep(std::time::Duration::from_micros(50));
/// ```
pub fn sleep(duration: Duration) {
    if duration.is_zero() {
        return;
    }
    let deadline = deadline(duration);
    let mut section = gopark::enter_timed();
    let ticket = section.current().wait().open();
    match section.park_until(WaitReason::Sleep, Commit::none(), ticket, deadline) {
        Wake::TimedOut => section.leave_at_switch_point(),
        Wake::Woken => gaggle_prim::throw!("sleep: woken by nobody"),
    }
}
