//! Preemption and blocking calls: what computes or blocks without end stops nobody else
//! (SEMANTICS E14, F, G; `docs/PREEMPTION.md` names the traps).
//!
//! Each test has the scheduler for itself. `modes.rs` runs all of them again with time slices of a
//! millisecond, and in hand-off mode.

mod arch;
mod blocking;
mod crowd;
mod depot;
#[path = "../sched/field.rs"]
#[expect(dead_code, reason = "shared with the scheduler's tests, which use more of it")]
mod field;
mod hogs;
mod modes;
mod state;
mod turns;
#[path = "../sched/watchdog.rs"]
mod watchdog;
mod world;
