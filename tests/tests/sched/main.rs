//! Go's scheduler tests, by hand, on the whole system (go/TESTS.md section 3; SEMANTICS A, D, E,
//! H, T).
//!
//! *Alone*: a test has the scheduler for itself (`field.rs`) and waits for all goroutines that it
//! starts. What ends the process, or depends on its environment, is a program of the `child`
//! binary.

mod calm;
#[path = "../crash/child.rs"]
mod child;
mod clocks;
mod crowd;
mod fairness;
mod field;
mod golang;
mod lent;
mod log;
mod mixed;
mod order;
mod parallel;
mod procs;
mod queue;
mod quota;
mod races;
mod runs;
mod thread_locals;
mod watchdog;
