//! TestStopResult, TestResetResult (sleep_test.go, ★56, T13): whatever races with it, the answer is
//! true to what happens.

use crate::field::{on_each, yield_until};
use crate::{HOUR, MICRO, MILLI};
use gaggle::sync::WaitGroup;
use gaggle::time::{self, Timer};
use gaggle::{chan, runtime, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GOROUTINES: usize = if cfg!(debug_assertions) { 200 } else { 1000 };
const ROUNDS: usize = if cfg!(debug_assertions) { 20 } else { 100 };

/// Two timers that are due together: one is received, the other stopped; if that came too late, its
/// value is there, or else the test hangs.
fn results(stop_or_reset: fn(&Timer) -> bool) {
    let (start, wg) = (chan::<()>(0), WaitGroup::new());
    for _ in 0..GOROUTINES {
        let start = start.clone();
        wg.go(move || {
            start.recv();
            for _ in 0..ROUNDS {
                let (one, two) = (Timer::new(MILLI), Timer::new(MILLI));
                let other = select! {
                    recv(one.c()) -> _ => two,
                    recv(two.c()) -> _ => one,
                };
                if !stop_or_reset(&other) {
                    other.c().recv().unwrap();
                } else {
                    assert!(other.c().try_recv().is_err());
                }
            }
        });
    }
    start.close();
    wg.wait();
}

#[test]
fn test_stop_result() {
    on_each(|| results(Timer::stop));
}

#[test]
fn test_reset_result() {
    on_each(|| results(|timer| timer.reset(HOUR)));
}

/// The same of calls: what is said to be stopped is not called, what is not is, and once.
fn calls(stop_or_reset: fn(&Timer) -> bool) {
    let wg = WaitGroup::new();
    for at in 0..GOROUTINES {
        wg.go(move || {
            for round in 0..ROUNDS {
                let called = Arc::new(AtomicU64::new(0));
                let theirs = Arc::clone(&called);
                let timer = time::after_func(MICRO * (1 + at as u32 % 50), move || {
                    theirs.fetch_add(1, Ordering::Relaxed);
                });
                if round % 2 == 0 {
                    time::sleep(MICRO * (1 + at as u32 % 50));
                } else {
                    runtime::gosched();
                }
                let stopped = stop_or_reset(&timer);
                yield_until(|| stopped || called.load(Ordering::Relaxed) > 0);
                timer.stop();
                assert_eq!(called.load(Ordering::Relaxed), u64::from(!stopped));
            }
        });
    }
    wg.wait();
}

#[test]
fn a_stopped_call_does_not_come_and_another_does() {
    on_each(|| calls(Timer::stop));
}

#[test]
fn a_moved_call_does_not_come_before_its_time() {
    on_each(|| calls(|timer| timer.reset(HOUR)));
}

/// Y18: what the caller did before it set the timer is seen by the call, and by who receives.
#[test]
fn a_reset_happens_before_its_event() {
    on_each(|| {
        let (value, done) = (Arc::new(AtomicU64::new(0)), chan::<u64>(0));
        let theirs = (Arc::clone(&value), done.clone());
        let timer = time::after_func(HOUR, move || theirs.1.send(theirs.0.load(Ordering::Relaxed)));
        for round in 1..200 {
            value.store(round, Ordering::Relaxed);
            timer.reset(MICRO * (round as u32 % 3));
            assert_eq!(done.recv(), Some(round));
        }
    });
}
