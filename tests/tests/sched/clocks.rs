//! Sleeps and timers (SEMANTICS T1, T5, T16): never short, in order of their deadlines.
//!
//! *By The Real Clock*: the subject is when the scheduler looks at the real clock.

use crate::calm::without_preemption;
use crate::field::{on, on_each};
use crate::log::Log;
use crate::order::Placed;
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, runtime, time};
use std::time::{Duration, Instant};

/// T1.
#[test]
fn a_sleep_is_never_short() {
    on_each(|| {
        let wg = WaitGroup::new();
        for at in 0..100_u64 {
            wg.go(move || {
                let length = Duration::from_micros(37 * at);
                let begin = Instant::now();
                time::sleep(length);
                assert!(begin.elapsed() >= length, "{length:?}");
            });
        }
        wg.wait();
    });
}

/// T1: zero returns at once, without a yield.
#[test]
fn a_sleep_of_zero_does_not_yield() {
    on(1, || {
        let log = Log::new();
        log.start(1);
        time::sleep(Duration::ZERO);
        log.note(0);
        assert_eq!(log.block(), [0, 1]);
    });
}

/// TestOverflowSleep: the end of time is not in the past.
#[test]
fn a_sleep_beyond_the_clock_s_range_does_not_return() {
    on(2, || {
        let c = chan(1);
        let theirs = c.clone();
        go(move || {
            let far = time::after(Duration::MAX);
            theirs.send(far.recv_timeout(Duration::from_millis(20)).is_err());
        });
        assert_eq!(c.recv(), Some(true));
    });
}

/// TestAfterQueuing's idea, without its wall clock: all are due when the P looks at last, and it
/// takes them in the order of their deadlines, wherever they were started. The goroutine that
/// keeps the P meanwhile must not be preempted, so the test runs in a process of its own.
#[test]
fn a_thousand_sleeps_end_in_order_of_their_deadlines() {
    const NAME: &str = "clocks::a_thousand_sleeps_end_in_order_of_their_deadlines";
    without_preemption(NAME, a_thousand_sleeps);
}

const COUNT: usize = 1000;

/// The order in which they ended; none if not all slept when the first was due.
fn order_of_sleeps(gate: Duration) -> Option<Vec<usize>> {
    on(1, move || {
        let (log, begin) = (Log::new(), Instant::now());
        for at in 0..COUNT {
            let who = at * 7 % COUNT; // 7 and 1000 have no common divisor
            let due = begin + gate + Duration::from_micros(20 * who as u64);
            log.start_after(who, move || {
                time::sleep(due.saturating_duration_since(Instant::now()));
                assert!(Instant::now() >= due);
            });
        }
        runtime::gosched(); // all sleep
        let in_time = begin.elapsed() < gate;
        while begin.elapsed() < gate + Duration::from_millis(30) {
            std::hint::spin_loop(); // keeps the P: nobody looks at the timers
        }
        let order = log.block();
        in_time.then_some(order)
    })
}

fn a_thousand_sleeps() {
    // A busy machine, or a sanitizer, takes longer to start them.
    let gates = [150, 600, 2400, 9600].map(Duration::from_millis);
    let order = gates.into_iter().find_map(order_of_sleeps).expect("they sleep within seconds");
    assert_eq!(order.len(), COUNT);
    // In order, but for runnext, the ring's overflow, and the tick that looks at it early.
    let placed = Placed::new(COUNT);
    let descents = order.windows(2).filter(|pair| pair[0] > pair[1]).count();
    let allowed = 2 + placed.global.len() / 128 + 2 * COUNT / 61;
    assert!(descents <= allowed, "{descents} of {allowed} descents: {order:?}");
}

/// T5: the value is when it was due.
#[test]
fn after_sends_the_time_at_which_it_was_due() {
    on_each(|| {
        let begin = Instant::now();
        let length = Duration::from_millis(3);
        let (tick, begun) = (time::after(length), Instant::now());
        time::sleep(4 * length);
        let due = tick.recv().unwrap();
        assert!(due >= begin + length && due <= begun + length);
        assert!(tick.try_recv().is_err(), "it is sent once");
    });
}

/// TestAfter, many at once, on Ps that are idle and on Ps that are not.
#[test]
fn a_thousand_afters_fire_once_each() {
    on_each(|| {
        let wg = WaitGroup::new();
        for at in 0..1000_u64 {
            let length = Duration::from_micros(at * 7 % 3000);
            wg.go(move || {
                let begin = Instant::now();
                assert!(time::after(length).recv().is_some());
                assert!(begin.elapsed() >= length);
            });
        }
        (0..100).for_each(|_| runtime::gosched());
        wg.wait();
    });
}

/// TestAfterFuncStarvation's idea (★55, T15): two that ready each other on one P do not keep a
/// timer from firing.
#[test]
fn a_busy_pair_does_not_starve_a_timer() {
    on(1, || {
        let (ping, pong, stop) = (chan::<()>(0), chan::<()>(0), chan::<()>(0));
        let (ping2, pong2) = (ping.clone(), pong.clone());
        let wg = WaitGroup::new();
        wg.go(move || ping2.into_iter().for_each(|()| pong2.send(())));
        let theirs = stop.clone();
        wg.go(move || {
            while theirs.try_recv().is_err() {
                ping.send(());
                pong.recv();
            }
            ping.close();
        });
        assert!(time::after(Duration::from_micros(100)).recv().is_some());
        stop.send_or_closed(()).unwrap_or_default();
        wg.wait();
    });
}
