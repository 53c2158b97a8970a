//! sleep_test.go: timers that call functions (T3, T4, T9, T13 to T15).

use crate::field::{self, on};
use crate::on_both;
use crate::{HOUR, MICRO, MILLI};
use gaggle::sync::WaitGroup;
use gaggle::time::{self, Timer};
use gaggle::{chan, go, runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// TestAfterFunc: T9, each call starts the next timer.
#[test]
fn test_after_func() {
    fn step(left: u64, done: gaggle::Chan<u64>) {
        if left == 0 {
            return done.send(0);
        }
        time::after_func(MICRO * (left % 3) as u32, move || step(left - 1, done.clone()));
    }
    on_both(|| {
        let done = chan(0);
        step(1000, done.clone());
        assert_eq!(done.recv(), Some(0));
    });
}

/// TestAfterFuncStarvation (★55, T15): two that ready each other on one P do not keep a timer from
/// its call.
#[test]
fn test_after_func_starvation() {
    on(1, || {
        let (stop, wg) = (Arc::new(AtomicBool::new(false)), WaitGroup::new());
        let (c1, c2) = (chan::<()>(8), chan::<()>(8)); // nobody is stuck at the end
        for (from, to) in [(c1.clone(), c2.clone()), (c2, c1.clone())] {
            let stop = Arc::clone(&stop);
            wg.go(move || {
                while !stop.load(Ordering::Relaxed) {
                    from.recv();
                    to.send(());
                }
                _ = to.try_send(());
            });
        }
        time::after_func(MICRO, move || stop.store(true, Ordering::Relaxed));
        c1.send(());
        wg.wait();
    });
}

/// TestZeroTimer (T14): a million timers that are due at once, fewer under a debug build.
#[test]
fn test_zero_timer() {
    const COUNT: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    on_both(|| {
        for how in [
            || Timer::new(Duration::ZERO),
            || {
                let timer = Timer::new(HOUR);
                timer.reset(Duration::ZERO);
                timer
            },
        ] {
            (0..COUNT / 2).for_each(|_| _ = how().c().recv().unwrap());
        }
        let timer = Timer::new(HOUR);
        for _ in 0..COUNT / 2 {
            timer.reset(Duration::ZERO);
            timer.c().recv().unwrap();
        }
    });
}

/// TestTimerModifiedEarlier (T14): a timer that is moved forward, from beyond the clock's range,
/// fires, however often.
#[test]
fn test_timer_modified_earlier() {
    on_both(|| {
        for _ in 0..50 {
            let timer = Timer::new(Duration::MAX);
            timer.reset(MILLI);
            timer.c().recv().unwrap();
            let (called, begin) = (chan::<Instant>(1), time::now());
            let theirs = called.clone();
            let timer = time::after_func(HOUR, move || theirs.send(time::now()));
            timer.reset(MILLI);
            assert!(called.recv().unwrap() >= begin + MILLI);
        }
    });
}

/// TestAdjustTimers (T14): many that move their timers to and fro never lose one.
#[test]
fn test_adjust_timers() {
    on_both(|| {
        let wg = WaitGroup::new();
        for at in 0..200_u64 {
            wg.go(move || {
                let (called, count) = (chan::<()>(1), Arc::new(AtomicU64::new(0)));
                let (theirs, counted) = (called.clone(), Arc::clone(&count));
                let timer = time::after_func(HOUR, move || {
                    counted.fetch_add(1, Ordering::Relaxed);
                    theirs.send(());
                });
                let mut seed = at + 1;
                for _ in 0..50 {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let far = Duration::from_secs(60 + (seed >> 40) % 3600);
                    assert!(timer.reset(far));
                    if seed >> 62 == 0 {
                        runtime::gosched();
                    }
                }
                assert!(timer.reset(MICRO * (seed >> 55) as u32));
                called.recv().unwrap();
                assert_eq!(count.load(Ordering::Relaxed), 1);
                assert!(!timer.stop());
            });
        }
        wg.wait();
    });
}

/// T9: nobody has to keep the handle.
#[test]
fn a_call_comes_though_its_timer_was_forgotten() {
    on_both(|| {
        let called = chan::<u32>(1);
        let theirs = called.clone();
        drop(time::after_func(MILLI, move || theirs.send(7)));
        assert_eq!(called.recv(), Some(7));
    });
}

/// T3: Stop does not wait for a call that has begun; T9: calls may overlap.
#[test]
fn calls_run_beside_each_other_and_are_not_waited_for() {
    on_both(|| {
        let (began, end) = (chan::<()>(0), chan::<()>(0));
        let theirs = (began.clone(), end.clone());
        let timer = time::after_func(MICRO, move || {
            theirs.0.send(());
            theirs.1.recv();
        });
        began.recv();
        assert!(!timer.stop());
        assert!(!timer.reset(MICRO));
        began.recv();
        end.send(());
        end.send(());
    });
}

/// T3: what was stopped is dropped when its handles are, and not before.
#[test]
fn a_stopped_timer_lets_go_of_its_function() {
    on_both(|| {
        let (token, called) = (Arc::new(()), chan::<()>(1));
        for reset in [false, true] {
            let (held, theirs) = (Arc::clone(&token), called.clone());
            let timer = time::after_func(HOUR, move || {
                let _held = &held;
                theirs.send(());
            });
            assert!(timer.stop());
            assert_eq!(Arc::strong_count(&token), 2);
            if reset {
                assert!(!timer.reset(MICRO));
                called.recv().unwrap();
            }
            drop(timer);
            while Arc::strong_count(&token) > 1 {
                runtime::gosched(); // the goroutine that called it is on its way out
            }
        }
    });
}

/// The same of several, in whichever order: none of them waits for the time at which it would have come.
#[test]
fn stopped_timers_let_go_of_their_functions_in_any_order() {
    on_both(|| {
        let token = Arc::new(());
        let hold = |hours: u32| {
            let held = Arc::clone(&token);
            time::after_func(HOUR * hours, move || _ = &held)
        };
        let timers: Vec<_> = (1..20).map(hold).collect();
        for timer in &timers {
            assert!(timer.stop());
        }
        drop(timers);
        assert_eq!(Arc::strong_count(&token), 1);
    });
}

/// One that comes again before its first call has got a goroutine is called twice, and no more often.
#[test]
fn calls_that_no_goroutine_is_free_for_come_as_often_as_they_were_due() {
    field::on_each(|| {
        let (calls, end) = (Arc::new(AtomicU64::new(0)), chan::<()>(0));
        let (theirs, until) = (Arc::clone(&calls), end.clone());
        let timer = time::after_func(Duration::from_nanos(1), move || {
            theirs.fetch_add(1, Ordering::Relaxed);
            until.recv();
        });
        let mut due = 1;
        for round in 0..5_000 {
            due += u64::from(!timer.reset(Duration::from_nanos(1)));
            if round % 3 == 0 {
                runtime::gosched();
            }
        }
        while calls.load(Ordering::Relaxed) < due {
            time::sleep(MICRO);
        }
        time::sleep(MILLI); // if there were more to come
        assert_eq!(calls.load(Ordering::Relaxed), due);
        end.close();
    });
}

/// A6, H: a goroutine that is to start counts when it has.
#[test]
fn a_call_to_come_is_no_goroutine_yet() {
    on(1, || {
        let before = runtime::num_goroutine();
        let (began, end) = (chan::<()>(0), chan::<()>(0));
        let theirs = (began.clone(), end.clone());
        let timer = time::after_func(HOUR, move || {
            theirs.0.send(());
            theirs.1.recv();
        });
        assert_eq!(runtime::num_goroutine(), before);
        timer.reset(MICRO);
        began.recv();
        assert_eq!(runtime::num_goroutine(), before + 1);
        end.send(());
    });
}

/// A panic in the call is one of its goroutine; a `go` in it works.
#[test]
fn a_call_may_block_and_spawn() {
    on_both(|| {
        let done = chan::<u32>(0);
        let theirs = done.clone();
        time::after_func(MICRO, move || {
            let (inner, theirs) = (chan::<u32>(0), theirs.clone());
            let to = inner.clone();
            go(move || {
                time::sleep(MICRO);
                to.send(3);
            });
            theirs.send(inner.recv().unwrap() + 1);
        });
        assert_eq!(done.recv(), Some(4));
    });
}
