//! First light: goroutines run, yield, sleep, wake each other, and the run ends.

use gaggle_gopark::{self as gopark, Commit, Task, WaitReason};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn run(f: impl FnOnce() + Send + 'static) {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(f), Location::caller()) };
}

fn go(f: impl FnOnce() + Send + 'static) {
    gopark::spawn(Task::new(f), Location::caller());
}

#[test]
fn a_main_goroutine_runs_and_its_run_returns() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    run(move || {
        seen.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[test]
fn goroutines_run_while_main_yields() {
    for round in 0..20 {
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        run(move || {
            for _ in 0..1000 {
                let seen = Arc::clone(&seen);
                go(move || {
                    gaggle_sched::gosched();
                    seen.fetch_add(1, Ordering::Relaxed);
                });
            }
            while seen.load(Ordering::Relaxed) < 1000 {
                gaggle_sched::gosched();
            }
        });
        assert_eq!(count.load(Ordering::Relaxed), 1000, "round {round}");
    }
}

#[test]
fn a_sleeping_goroutine_wakes_up() {
    run(|| {
        for _ in 0..10 {
            let mut section = gopark::enter_timed();
            let ticket = section.current().wait().open();
            let deadline = gaggle_lock::nanotime() + 1_000_000;
            let wake = section.park_until(WaitReason::Sleep, Commit::none(), ticket, deadline);
            assert_eq!(wake, gopark::Wake::TimedOut);
            assert!(gaggle_lock::nanotime() >= deadline);
        }
    });
}
