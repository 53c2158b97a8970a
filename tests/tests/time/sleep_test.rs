//! sleep_test.go: sleeps, and timers that fire in their order.

use crate::field::on;
use crate::on_both;
use crate::{HOUR, MICRO, MILLI};
use gaggle::sync::WaitGroup;
use gaggle::time::{self, Ticker, Timer};
use gaggle::{RecvOnly, chan, go, runtime, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// TestSleep: T1, never short, whatever interrupts the thread.
#[test]
fn test_sleep() {
    on_both(|| {
        let done = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&done);
        let (wg, me) = (WaitGroup::new(), std::process::id().cast_signed());
        wg.go(move || {
            while !theirs.load(Ordering::Relaxed) {
                // SAFETY: it has no effect but to interrupt a call of this process.
                assert_eq!(unsafe { libc::kill(me, libc::SIGWINCH) }, 0);
                time::sleep(100 * MICRO);
            }
        });
        for _ in 0..20 {
            let begin = time::now();
            time::sleep(MILLI);
            assert!(time::since(begin) >= MILLI);
        }
        done.store(true, Ordering::Relaxed);
        wg.wait();
    });
}

/// TestAfter: T2, T16.
#[test]
fn test_after() {
    on_both(|| {
        let begin = time::now();
        let due = time::after(2 * MILLI).recv().unwrap();
        assert!(time::since(begin) >= 2 * MILLI);
        assert!(due >= begin + 2 * MILLI && due <= time::now());
    });
}

/// TestAfterTick: T8, the ticks are a period apart, and none is early.
#[test]
fn test_after_tick() {
    on_both(|| {
        let (begin, ticker) = (time::now(), Ticker::new(2 * MILLI));
        for tick in 1..=10 {
            let due = ticker.c().recv().unwrap();
            assert!(due >= begin + 2 * tick * MILLI && due <= time::now());
        }
    });
}

/// TestAfterStop: T3; a timer that is stopped calls nothing, and says so.
#[test]
fn test_after_stop() {
    on_both(|| {
        let called = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&called);
        let early = time::after_func(HOUR, move || theirs.store(true, Ordering::Relaxed));
        let value = Timer::new(2 * HOUR);
        assert!(early.stop() && value.stop());
        assert!(!early.stop() && !value.stop());
        time::sleep(MILLI);
        assert!(!called.load(Ordering::Relaxed));
        assert!(value.c().try_recv().is_err());
    });
}

/// TestAfterQueuing: T2; the values are those of the deadlines, in order, whoever receives first.
#[test]
fn test_after_queuing() {
    on_both(|| {
        for at_once in [false, true] {
            after_queuing(at_once);
        }
    });
}

fn after_queuing(at_once: bool) {
    // When each was started at the earliest and at the latest, how long it is, and its value.
    let result = chan::<(Instant, Instant, Duration, Instant)>(0);
    let slots = [5_u32, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0];
    let wg = WaitGroup::new();
    for length in slots.map(|slot| slot * MILLI) {
        let result = result.clone();
        let start = move || (time::now(), time::after(length), time::now());
        let tell = move |(earliest, after, latest): (_, RecvOnly<Instant>, _)| {
            result.send((earliest, latest, length, after.recv().unwrap()));
        };
        if at_once {
            let started = start();
            wg.go(move || tell(started));
        } else {
            wg.go(move || tell(start()));
        }
    }
    for _ in slots {
        let answer = result.recv().unwrap();
        let (earliest, latest, length, due) = answer;
        assert!(earliest + length <= due, "{answer:?}");
        assert!(due <= latest + length, "{answer:?}");
    }
    wg.wait();
}

/// TestSleepZeroDeadlock: T1; sleeps of nothing while another computes and others spawn.
#[test]
fn test_sleep_zero_deadlock() {
    on(4, || {
        let c = chan::<bool>(0);
        let theirs = c.clone();
        go(move || {
            for _ in 0..100 {
                std::hint::black_box(vec![0_u8; 100_000]);
                time::sleep(Duration::ZERO);
            }
            theirs.send(true);
        });
        for _ in 0..100 {
            runtime::gosched();
            let inner = c.clone();
            go(move || _ = inner.try_send(false));
        }
        while c.recv() != Some(true) {}
    });
}

/// TestReset: T4, the boolean and the new time, for both kinds of timer.
#[test]
fn test_reset() {
    on_both(|| {
        let timer = Timer::new(HOUR);
        assert!(timer.reset(MILLI));
        let begin = time::now();
        timer.c().recv().unwrap();
        assert!(!timer.reset(2 * MILLI), "it was received");
        timer.c().recv().unwrap();
        assert!(time::since(begin) >= 2 * MILLI);

        let (done, calls) = (chan::<u64>(1), Arc::new(AtomicU64::new(0)));
        let theirs = done.clone();
        let timer =
            time::after_func(HOUR, move || theirs.send(calls.fetch_add(1, Ordering::Relaxed)));
        assert!(timer.reset(MILLI));
        assert_eq!(done.recv(), Some(0));
        assert!(!timer.reset(MILLI), "it was called");
        assert_eq!(done.recv(), Some(1));
    });
}

/// TestOverflowSleep: T1; the end of time is not in the past.
#[test]
fn test_overflow_sleep() {
    on_both(|| {
        let big = Duration::from_nanos(u64::MAX);
        for far in [big, Duration::MAX, big - HOUR] {
            let (after, called) = (time::after(far), chan::<()>(1));
            let theirs = called.clone();
            let timer = time::after_func(far, move || theirs.send(()));
            assert!(after.recv_timeout(MILLI).is_err());
            assert!(called.try_recv().is_err() && timer.stop());
        }
        let ticker = Ticker::new(Duration::MAX);
        assert!(ticker.c().recv_timeout(MILLI).is_err());
    });
}

/// TestIssue5745: a timer stopped by the one that is called at the same time.
#[test]
fn test_issue5745() {
    on_both(|| {
        let (slow, done) = (Timer::new(HOUR), chan::<()>(0));
        let timers: Vec<_> = (0..100).map(|_| slow.clone()).collect();
        for timer in timers {
            let done = done.clone();
            time::after_func(MICRO, move || {
                timer.stop();
                timer.reset(HOUR);
                done.send(());
            });
        }
        (0..100).for_each(|_| done.recv().unwrap());
        assert!(slow.stop());
    });
}

/// TestMultiWakeupTimer: T2; those that wait for one timer get one value between them.
#[test]
fn test_multi_wakeup_timer() {
    on_both(|| {
        let (timer, stop) = (Timer::new(HOUR), chan::<()>(0));
        let (wg, got) = (WaitGroup::new(), chan::<()>(4));
        for _ in 0..4 {
            let (timer, stop, got) = (timer.clone(), stop.clone(), got.clone());
            wg.go(move || {
                select! {
                    recv(timer.c()) -> value => { value.unwrap(); got.send(()) },
                    recv(stop) -> _ => {},
                }
            });
        }
        runtime::gosched();
        timer.reset(MILLI);
        got.recv().unwrap();
        time::sleep(2 * MILLI);
        assert!(got.try_recv().is_err());
        stop.close();
        wg.wait();
    });
}

/// TestMultiWakeupTicker: T8; a tick goes to one of those that wait, and every one is woken in the
/// end.
#[test]
fn test_multi_wakeup_ticker() {
    on_both(|| {
        let begin = time::now(); // before the first tick, so that each is later than this
        let (ticker, wg) = (Ticker::new(100 * MICRO), WaitGroup::new());
        let last = Arc::new(AtomicU64::new(0));
        for _ in 0..5 {
            let (ticker, last) = (ticker.clone(), Arc::clone(&last));
            wg.go(move || {
                for _ in 0..20 {
                    let due = (ticker.c().recv().unwrap() - begin).as_nanos() as u64;
                    assert!(last.fetch_max(due, Ordering::Relaxed) != due, "one tick, twice");
                }
            });
        }
        wg.wait();
    });
}

/// T11: the timers of a P that computes are run by others.
#[test]
fn timers_of_a_busy_p_are_run_by_another() {
    on(2, || {
        for _ in 0..20 {
            let called = Arc::new(AtomicBool::new(false));
            let theirs = Arc::clone(&called);
            time::after_func(100 * MICRO, move || theirs.store(true, Ordering::Relaxed));
            while !called.load(Ordering::Relaxed) {
                std::hint::spin_loop(); // no switch point
            }
        }
    });
}

/// T12, which Go does otherwise: nothing is rounded up to a millisecond, so that some short sleep is over
/// within one, however busy the machine.
#[test]
fn some_short_sleep_is_over_within_a_millisecond() {
    on(2, || {
        let is_long = || {
            let begin = time::now();
            time::sleep(50 * MICRO);
            time::since(begin) >= MILLI
        };
        while is_long() {}
    });
}
