//! What Go's tests take for granted: `go`, a counting channel, children that are expected to die.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod waiting;

use gaggle_gopark::{self as gopark, Task, WaitReason};
use gaggle_sudog::sema::{self, Handoff, Order};
use std::panic::Location;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// The go statement: a goroutine if we are one, else a thread.
#[track_caller]
pub(crate) fn go(f: impl FnOnce() + Send + 'static) {
    gopark::spawn(Task::new(f), Location::caller());
}

/// Lets others run.
pub(crate) fn yield_now() {
    gopark::enter().yield_now();
}

/// A `chan bool` of which only the number of values matters; never full.
#[derive(Clone, Default)]
pub(crate) struct Signals(Arc<AtomicU32>);

impl Signals {
    pub(crate) fn send(&self) {
        sema::release(&mut gopark::enter(), &self.0, Handoff::No);
    }

    pub(crate) fn recv(&self) {
        let mut section = gopark::enter();
        sema::acquire(&mut section, &self.0, WaitReason::ChanReceive, Order::Fifo);
    }

    pub(crate) fn try_recv(&self) -> bool {
        sema::try_acquire(&self.0)
    }
}

const CASE: &str = "GAGGLE_TEST_CASE";

/// In a child: the case it is to play.
pub(crate) fn case() -> Option<String> {
    std::env::var(CASE).ok()
}

/// Runs the test `name` of this very program in a child process that plays `case`.
pub(crate) fn child(name: &str, case: &str) -> Output {
    child_in(name, case, &[])
}

/// The same, with these variables in its environment.
pub(crate) fn child_in(name: &str, case: &str, variables: &[(&str, &str)]) -> Output {
    let program = std::env::current_exe().expect("a test has a path");
    let mut command = Command::new(program);
    command.args([name, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(CASE, case).env("RUST_BACKTRACE", "0").envs(variables.iter().copied());
    command.output().expect("the child starts")
}
