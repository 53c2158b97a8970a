//! Programs that the scheduler's trace is written of (SEMANTICS AB).

use crate::Program;
use crate::Start::Main;
use gaggle::{chan, go, runtime};
use std::time::{Duration, Instant};

pub(crate) const PROGRAMS: &[Program] = &[
    ("trace_many_that_wait", Main(many_that_wait)),
    ("trace_those_who_yield", Main(those_who_yield)),
    ("trace_calls", Main(calls)),
];

/// More than one piece of memory has room for, and one that keeps its thread.
fn many_that_wait() {
    let never = chan::<()>(0);
    for _ in 0..600 {
        let c = never.clone();
        go(move || c.recv().unwrap_or_default());
    }
    go(|| {
        runtime::lock_os_thread();
        crate::wait_for_nobody();
    });
    gaggle::time::sleep(Duration::from_millis(400));
}

/// One of four runs, the others have yielded.
fn those_who_yield() {
    let begin = Instant::now();
    let wg = gaggle::sync::WaitGroup::new();
    for _ in 0..4 {
        wg.go(move || {
            while begin.elapsed() < Duration::from_millis(300) {
                runtime::gosched();
            }
        });
    }
    wg.wait();
}

/// One that blocks in a call that it has announced, and one that has not.
#[expect(clippy::disallowed_methods, reason = "blocks its thread, which is what is looked at")]
fn calls() {
    let wg = gaggle::sync::WaitGroup::new();
    let blocks = || std::thread::sleep(Duration::from_millis(400));
    wg.go(move || runtime::syscall(blocks));
    wg.go(blocks);
    wg.wait();
}
