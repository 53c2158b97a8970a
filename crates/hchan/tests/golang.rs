//! Go's own tests of channels and select, on plain threads: with no scheduler in the build.
//!
//! Written anew from what they test; each names its source. The same bodies run on goroutines in
//! `tests/tests/chan`: `env` is all that differs.

#[macro_use]
#[path = "golang/env_threads.rs"]
mod env;
#[path = "golang/barrier_test.rs"]
mod barrier_test;
#[path = "golang/chan_test.rs"]
mod chan_test;
#[path = "golang/heap.rs"]
mod heap;
#[path = "golang/leaks.rs"]
mod leaks;
#[path = "golang/mesh.rs"]
mod mesh;
#[path = "golang/programs.rs"]
mod programs;
#[path = "golang/select3.rs"]
mod select3;
#[path = "golang/select_programs.rs"]
mod select_programs;
#[path = "golang/select_test.rs"]
mod select_test;
#[path = "golang/storm.rs"]
mod storm;
#[path = "golang/tools.rs"]
mod tools;
