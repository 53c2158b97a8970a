//! Go's tests of package sync, on goroutines, under 1, 2, 4 and 16 Ps (go/TESTS.md section 6); and the
//! memory model as a stress test.
//!
//! The bodies are those of `crates/sync/tests/golang`, which run there over plain threads.

#[allow(dead_code, reason = "the scheduler's tests need more of it")]
#[path = "../sched/field.rs"]
mod field;
mod golang;
mod handoff;
mod litmus;
mod selects;
mod spin;
#[path = "../../../crates/sync/tests/support/mod.rs"]
mod support;
#[path = "../sched/watchdog.rs"]
mod watchdog;
