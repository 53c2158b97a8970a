//! Go's own tests of channels and select, on goroutines: five capacities under 1, 2, 4 and 16 Ps
//! (go/TESTS.md sections 1 and 2; SEMANTICS I, J).
//!
//! The bodies are those of `crates/hchan/tests/golang`, where they run on plain threads: `env` is
//! all that differs. A test has the scheduler for itself (`../sched/field.rs`).

#[macro_use]
mod env;
mod cond;
#[path = "../sched/field.rs"]
#[allow(dead_code, reason = "shared with the scheduler's tests, which use all of it")]
mod field;
mod here;
mod large;
#[path = "../sched/log.rs"]
#[allow(dead_code, reason = "shared with the scheduler's tests, which use all of it")]
mod log;
#[path = "../sched/watchdog.rs"]
mod watchdog;

#[path = "../../../crates/hchan/tests/golang/barrier_test.rs"]
mod barrier_test;
#[path = "../../../crates/hchan/tests/golang/chan_test.rs"]
mod chan_test;
#[path = "../../../crates/hchan/tests/golang/heap.rs"]
mod heap;
#[path = "../../../crates/hchan/tests/golang/leaks.rs"]
mod leaks;
#[path = "../../../crates/hchan/tests/golang/mesh.rs"]
mod mesh;
#[path = "../../../crates/hchan/tests/golang/programs.rs"]
mod programs;
#[path = "../../../crates/hchan/tests/golang/select3.rs"]
mod select3;
#[path = "../../../crates/hchan/tests/golang/select_programs.rs"]
mod select_programs;
#[path = "../../../crates/hchan/tests/golang/select_test.rs"]
mod select_test;
#[path = "../../../crates/hchan/tests/golang/storm.rs"]
mod storm;
#[path = "../../../crates/hchan/tests/golang/tools.rs"]
mod tools;
