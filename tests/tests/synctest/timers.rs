//! Timers, tickers and calls on a bubble's clock (SEMANTICS W2, W6, W8; T).

use crate::field::{on, on_each};
use crate::{HOUR, MILLI, SECOND, bubble};
use gaggle::time::{self, Ticker, Timer};
use gaggle::{chan, channel, go, select, spawn, synctest};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// TestTimerReadBeforeDeadline.
#[test]
fn test_timer_read_before_deadline() {
    bubble(|| {
        let (begin, timer) = (time::now(), Timer::new(5 * SECOND));
        assert_eq!(timer.c().recv(), Some(begin + 5 * SECOND));
        assert_eq!(time::since(begin), 5 * SECOND);
        assert!(!timer.stop());
    });
}

/// TestTimerReadAfterDeadline: T5; the value is the time it was due.
#[test]
fn test_timer_read_after_deadline() {
    bubble(|| {
        let (begin, timer) = (time::now(), Timer::new(SECOND));
        time::sleep(2 * SECOND);
        assert_eq!(timer.c().recv(), Some(begin + SECOND));
        assert_eq!(time::since(begin), 2 * SECOND);
    });
}

/// TestTimerReset: of a channel and of a call.
#[test]
fn test_timer_reset() {
    bubble(|| {
        let (begin, timer) = (time::now(), Timer::new(SECOND));
        assert!(timer.reset(3 * SECOND));
        assert_eq!(timer.c().recv(), Some(begin + 3 * SECOND));
        assert!(!timer.reset(SECOND));
        assert_eq!(timer.c().recv(), Some(begin + 4 * SECOND));
        let (called, begin) = (Arc::new(AtomicU32::new(0)), time::now());
        let theirs = Arc::clone(&called);
        let call = time::after_func(SECOND, move || {
            theirs.fetch_add(1, Ordering::Relaxed);
        });
        assert!(call.reset(2 * SECOND));
        synctest::sleep(SECOND);
        assert_eq!(called.load(Ordering::Relaxed), 0);
        synctest::sleep(SECOND);
        assert_eq!((called.load(Ordering::Relaxed), time::since(begin)), (1, 2 * SECOND));
        assert!(!call.reset(SECOND));
        assert!(call.stop() && !call.stop());
        synctest::sleep(HOUR);
        assert_eq!(called.load(Ordering::Relaxed), 1);
    });
}

/// TestTimeAfter: each at its own time, whatever the order in which they were made.
#[test]
fn test_time_after() {
    bubble(|| {
        let (begin, line) = (time::now(), chan::<(u32, Duration)>(0));
        for seconds in (0..10).rev() {
            let line = line.clone();
            go(move || {
                time::after(seconds * SECOND).recv();
                line.send((seconds, time::since(begin)));
            });
        }
        for seconds in 0..10 {
            assert_eq!(line.recv(), Some((seconds, seconds * SECOND)));
        }
    });
}

/// TestTimerAfterBubbleExit: W2; time stops when the main function has ended.
#[test]
fn test_timer_after_bubble_exit() {
    on_each(|| {
        let called = Arc::new(AtomicU32::new(0));
        for _ in 0..20 {
            let theirs = Arc::clone(&called);
            synctest::test(move || {
                time::after_func(MILLI, move || _ = theirs.fetch_add(1, Ordering::Relaxed));
            });
        }
        assert_eq!(called.load(Ordering::Relaxed), 0);
        assert_eq!(Arc::strong_count(&called), 1, "and the function is gone with the bubble");
    });
}

/// TestTimerFromOutsideBubble: it goes by the real clock, while the bubble's stands still.
#[test]
fn test_timer_from_outside_bubble() {
    on_each(|| {
        let (timer, select_too) = (Timer::new(2 * MILLI), Timer::new(4 * MILLI));
        let (a, b) = (timer.clone(), select_too.clone());
        synctest::test(move || {
            let begin = time::now();
            assert!(a.c().recv().is_some());
            select! {
                recv(b.c()) -> _ => {},
                recv(time::after(Duration::from_nanos(1))) -> _ => panic!("time has passed"),
            }
            assert_eq!(time::now(), begin);
        });
        assert!(!timer.stop() && !select_too.stop());
    });
}

/// A timer from outside that is set inside goes on by the real clock.
#[test]
fn a_timer_from_outside_may_be_reset_inside() {
    on_each(|| {
        let (timer, called) = (Timer::new(HOUR), chan::<()>(1));
        let theirs = called.clone();
        let call = time::after_func(HOUR, move || theirs.send(()));
        synctest::test(move || {
            assert!(timer.reset(MILLI) && call.reset(MILLI));
            timer.c().recv();
            called.recv();
        });
    });
}

/// TestTimerNondeterminism: W8; two that are due at the same instant come in either order.
#[test]
fn test_timer_nondeterminism() {
    on_each(|| {
        let orders = [(); 2].map(|()| Arc::new(AtomicU32::new(0)));
        let count = orders.clone();
        for _ in 0..200 {
            let count = count.clone();
            synctest::test(move || {
                let line = chan::<usize>(2);
                for (name, _) in count.iter().enumerate() {
                    let line = line.clone();
                    time::after_func(SECOND, move || line.send(name));
                }
                time::sleep(SECOND);
                synctest::wait();
                count[line.recv().unwrap()].fetch_add(1, Ordering::Relaxed);
            });
        }
        assert!(orders.iter().all(|it| it.load(Ordering::Relaxed) > 0), "{orders:?}");
    });
}

/// TestSleepNondeterminism: the same, of sleepers.
#[test]
fn test_sleep_nondeterminism() {
    on_each(|| {
        let mut seen = [0; 2];
        for _ in 0..200 {
            let first = synctest::test(|| {
                let line = chan::<usize>(2);
                for name in 0..2 {
                    let line = line.clone();
                    go(move || {
                        time::sleep(SECOND);
                        line.send(name);
                    });
                }
                line.recv().unwrap()
            });
            seen[first] += 1;
        }
        assert!(seen.iter().all(|&times| times > 0), "{seen:?}");
    });
}

/// TestTimerRunsImmediately: W8; what is due now is there without anybody waiting.
#[test]
fn test_timer_runs_immediately() {
    bubble(|| {
        let (begin, timer) = (time::now(), Timer::new(Duration::ZERO));
        assert_eq!(timer.c().try_recv(), Ok(begin));
        assert_eq!(time::after(Duration::ZERO).recv(), Some(begin));
    });
}

/// TestTimerRanInPast: one that is due while the others work runs when they wait, and no time passes.
#[test]
fn test_timer_ran_in_past() {
    bubble(|| {
        time::sleep(SECOND);
        let (begin, timer) = (time::now(), Timer::new(SECOND));
        assert!(timer.stop());
        time::sleep(HOUR);
        assert!(timer.c().try_recv().is_err());
        assert!(!timer.reset(Duration::ZERO));
        assert_eq!(timer.c().recv(), Some(begin + HOUR));
        assert_eq!(time::since(begin), HOUR);
    });
}

/// TestAfterFuncRunsImmediately: W8.
#[test]
fn test_after_func_runs_immediately() {
    bubble(|| {
        let (begin, called) = (time::now(), chan::<bool>(1));
        let theirs = called.clone();
        let call = time::after_func(Duration::ZERO, move || theirs.send(synctest::in_bubble()));
        assert_eq!(called.recv(), Some(true));
        assert!(!call.reset(Duration::ZERO));
        assert_eq!((called.recv(), time::now()), (Some(true), begin));
    });
}

/// TestTimerResetZeroDoNotHang.
#[test]
fn test_timer_reset_zero_do_not_hang() {
    bubble(|| {
        let timer = Timer::new(Duration::ZERO);
        timer.reset(Duration::ZERO);
        timer.c().recv();
        let called = chan::<()>(10);
        let theirs = called.clone();
        let call = time::after_func(HOUR, move || theirs.send(()));
        call.reset(Duration::ZERO);
        called.recv();
        synctest::wait();
    });
}

/// T8: a ticker stays on its phase, and loses ticks that nobody takes.
#[test]
fn a_ticker_ticks_by_the_bubble_s_clock() {
    bubble(|| {
        let (begin, ticker) = (time::now(), Ticker::new(10 * SECOND));
        for tick in 1..=5 {
            assert_eq!(ticker.c().recv(), Some(begin + tick * 10 * SECOND));
        }
        time::sleep(35 * SECOND);
        assert_eq!(ticker.c().recv(), Some(begin + 60 * SECOND), "the one that waited");
        assert_eq!(ticker.c().recv(), Some(begin + 90 * SECOND), "the others are lost");
        ticker.reset(SECOND);
        assert_eq!(ticker.c().recv(), Some(begin + 91 * SECOND));
        ticker.stop();
        assert!(ticker.c().recv_timeout(HOUR).is_err());
    });
}

/// The wheel turns for as many as there are: timed receives, selects with a limit, sleeps.
#[test]
fn a_thousand_waits_with_deadlines_end_in_order() {
    on(4, || {
        synctest::test(|| {
            let (never, line) = (chan::<()>(0), chan::<u32>(1000));
            let begin = time::now();
            for number in 0..1000_u32 {
                let (never, line) = (never.clone(), line.clone());
                go(move || {
                    let limit = (1000 - number) * MILLI;
                    match number % 3 {
                        0 => time::sleep(limit),
                        1 => assert!(never.recv_timeout(limit).is_err()),
                        _ => select! {
                            recv(never) -> _ => unreachable!(),
                            recv(time::after(limit)) -> _ => {},
                        },
                    }
                    assert_eq!(time::since(begin), limit);
                    line.send(number);
                });
            }
            for number in (0..1000).rev() {
                assert_eq!(line.recv(), Some(number));
            }
            assert_eq!(time::since(begin), SECOND);
        });
    });
}

/// TestWeak: what the clock of a bubble held is dropped when the bubble is over, by its last member: Go's cleanups run
/// outside (W12), but what is dropped may be used inside only (W6).
#[test]
fn test_weak_what_is_left_is_dropped_inside() {
    struct Tells(Arc<AtomicU32>);
    impl Drop for Tells {
        fn drop(&mut self) {
            self.0.store(if synctest::in_bubble() { 1 } else { 2 }, Ordering::Relaxed);
        }
    }
    on_each(|| {
        let told = Arc::new(AtomicU32::new(0));
        let (theirs, tells) = (Arc::clone(&told), Arc::new(()));
        let weak = Arc::downgrade(&tells);
        synctest::test(move || {
            let tells = (Tells(theirs), tells);
            time::after_func(HOUR, move || {
                let all = &tells; // both of them
                drop(Arc::clone(&all.1));
            });
        });
        assert_eq!((told.load(Ordering::Relaxed), weak.upgrade()), (1, None));
    });
}

/// W6: the last sender of a bubble's channel may go with a call that was never to come.
#[test]
fn what_is_left_may_close_a_channel_of_the_bubble() {
    bubble(|| {
        let (tx, _rx) = channel::<()>(1);
        time::after_func(HOUR, move || _ = tx.try_send(()));
    });
}

/// What is dropped last may do what members do: tell the time, sleep, start others and wait for them, set timers.
#[test]
fn what_is_left_may_go_on_in_the_bubble() {
    struct Busy(Arc<AtomicU32>);
    impl Drop for Busy {
        fn drop(&mut self) {
            let begin = time::now();
            time::sleep(SECOND);
            assert_eq!(time::since(begin), SECOND);
            let (held, again) = (Arc::clone(&self.0), Arc::clone(&self.0));
            let other = spawn(move || {
                time::sleep(SECOND);
                held.fetch_add(1, Ordering::Relaxed);
            });
            other.join().unwrap();
            time::after_func(HOUR, move || again.store(0, Ordering::Relaxed));
        }
    }
    on_each(|| {
        let told = Arc::new(AtomicU32::new(0));
        let busy = Busy(Arc::clone(&told));
        synctest::test(move || _ = time::after_func(HOUR, move || _ = &busy));
        assert_eq!((told.load(Ordering::Relaxed), Arc::strong_count(&told)), (1, 1));
    });
}

/// A destructor that panics fails the test, not the process; what it stood beside is dropped all the same.
#[test]
fn what_is_left_may_panic() {
    struct Panics {
        _kept: Arc<()>,
    }
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    on_each(|| {
        let kept = Arc::new(());
        let panics = Panics { _kept: Arc::clone(&kept) };
        let call = move || _ = &panics;
        let end = spawn(move || synctest::test(move || _ = time::after_func(HOUR, call)));
        assert_eq!(end.join().unwrap_err().message(), "dropped");
        assert_eq!(Arc::strong_count(&kept), 1);
    });
}

/// TestIteratorPush, TestIteratorPull: who makes values and who takes them sleep by turns.
#[test]
fn test_iterator_push_and_pull() {
    bubble(|| {
        let begin = time::now();
        let pushed = (1..=3).inspect(|_| time::sleep(SECOND)).map(|_| time::since(begin));
        assert!(pushed.eq((1..=3).map(|n| n * SECOND)));
        let (begin, line) = (time::now(), chan::<u32>(0));
        let theirs = line.clone();
        go(move || {
            for value in 1..=3 {
                time::sleep(SECOND);
                theirs.send(value);
            }
            theirs.close();
        });
        for value in &line {
            assert_eq!(time::since(begin), value * SECOND);
        }
    });
}
