//! What the tests of goroutines share: a main goroutine, and child processes that may die.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::process::{Command, Output};
use std::sync::mpsc;
use std::time::Duration;

/// Names the part that a child process plays.
const PART: &str = "GAGGLE_TEST_PART";

/// Runs `f` as a main goroutine.
pub(crate) fn on_main<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> T {
    // SAFETY: the tests touch no thread-local on both sides of a switch point.
    unsafe { gaggle_runtime::run(f) }
}

/// In the parent, runs the test `name` again in a child process and returns what came of it; in
/// the child, runs `part`, which is expected to end the process.
pub(crate) fn in_child(name: &str, part: impl FnOnce()) -> Option<Output> {
    if std::env::var(PART).is_ok_and(|playing| playing == name) {
        bounded();
        part();
        return None;
    }
    let program = std::env::current_exe().expect("this test binary has a path");
    let mut child = Command::new(program);
    child.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(PART, name);
    Some(child.output().expect("the test binary runs again"))
}

/// Exit code of a child that did not end by itself.
pub(crate) const HUNG: i32 = 99;

fn bounded() {
    std::thread::spawn(|| {
        let (_keep, never) = mpsc::channel::<()>();
        let _ = never.recv_timeout(Duration::from_secs(30));
        std::process::exit(HUNG);
    });
}

/// Runs the others until `done`, a bounded number of times.
pub(crate) fn yield_until(done: impl Fn() -> bool) {
    for _ in 0..10_000_000 {
        if done() {
            return;
        }
        gaggle_runtime::gosched();
    }
    panic!("it did not happen in ten million yields");
}
