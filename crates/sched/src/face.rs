//! Small questions that goroutines ask.

use crate::goroutine::park;
use crate::state::SCHED;
use gaggle_gopark::{self as gopark, SeatKind};

/// True if the caller is a goroutine of this scheduler.
pub fn on_goroutine() -> bool {
    gopark::enter().seat().kind() == SeatKind::Machine
}

/// Lets other goroutines run; the caller goes behind the global queue (SEMANTICS A13).
pub fn gosched() {
    let mut section = gopark::enter();
    match section.seat().kind() {
        SeatKind::Machine => park::gosched(&mut section),
        _ => section.yield_now(),
    }
}

/// How many goroutines exist, blocked ones included (SEMANTICS A11).
pub fn num_goroutine() -> usize {
    SCHED.live()
}

/// The number of the current goroutine; 0 on a plain thread.
pub fn goid() -> u64 {
    gopark::current().id()
}
