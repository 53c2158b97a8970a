//! Programs that start goroutines, or what takes their place, and have promised nothing.

use crate::Program;
use crate::Start::Thread;
use gaggle::errgroup::Group;
use gaggle::sync::WaitGroup;
use gaggle::{Builder, Chan, chan, context, go, runtime, scope, spawn, synctest, time};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const SOON: Duration = Duration::from_millis(5);

pub(crate) const PROGRAMS: &[Program] = &[
    ("promise_go", Thread(|| boots(|| go(ran)))),
    ("promise_spawn", Thread(|| boots(|| drop(spawn(ran))))),
    ("promise_scope", Thread(|| boots(|| scope(|s| s.go(ran))))),
    ("promise_builder_go", Thread(|| Builder::new().go(ran))),
    ("promise_builder_spawn", Thread(|| drop(Builder::new().spawn(ran)))),
    ("promise_builder_try_go", Thread(|| Builder::new().try_go(ran).unwrap())),
    ("promise_bubble", Thread(|| boots(|| synctest::test(ran)))),
    ("promise_calls", Thread(calls)),
    ("promise_made", Thread(made)),
    ("promise_call_panics", Thread(call_panics)),
    ("promise_call_panics_twice", Thread(call_panics_twice)),
];

fn ran() {
    println!("it ran");
}

/// All that starts the scheduler from a plain thread, then `start`.
fn boots(start: impl FnOnce()) {
    runtime::gomaxprocs(2);
    runtime::set_default_gomaxprocs();
    runtime::set_idle_thread_timeout(None);
    let (_ctx, _cancel) = context::with_timeout(&context::background(), HOUR);
    assert!(time::after_func(HOUR, || ()).stop());
    start();
}

/// What calls a function elsewhere: each says on whom.
fn all_calls() -> Vec<&'static str> {
    let told = chan(0);
    let mut on = Vec::new();
    let mut hears = |told: &Chan<u64>| {
        on.push(if told.recv() == Some(0) { "thread" } else { "goroutine" });
    };
    let tell = || {
        let told = told.clone();
        move || told.send(runtime::goid())
    };
    let timer = time::after_func(SOON, tell());
    hears(&told);
    timer.reset(SOON);
    hears(&told);
    timer.reset(Duration::ZERO);
    hears(&told);
    time::after_func(Duration::ZERO, tell());
    hears(&told);
    let (ctx, cancel) = context::with_cancel(&context::background());
    context::after_func(&ctx, tell());
    cancel.cancel();
    hears(&told);
    let (ctx, _cancel) = context::with_timeout(&context::background(), SOON);
    context::after_func(&ctx, tell());
    hears(&told);
    WaitGroup::new().go(tell());
    hears(&told);
    let (group, work) = (Group::new(), tell());
    group.go(move || {
        work();
        Ok::<(), String>(())
    });
    hears(&told);
    on
}

fn calls() {
    boots(|| println!("{}", all_calls().join(" ")));
}

fn made() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle::run(|| ()) };
    println!("{}", all_calls().join(" "));
}

/// Of the one that nobody catches.
fn call_panics() {
    time::after_func(SOON, || panic!("in a call"));
    chan::<()>(0).recv();
}

/// Panics again wherever it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

/// What nobody catches cannot be dropped, either.
fn call_panics_twice() {
    let wg = WaitGroup::new();
    wg.go(|| std::panic::panic_any(Bomb));
    println!("done: {}", wg.wait_timeout(Duration::from_secs(5)));
}
