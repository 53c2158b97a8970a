//! tick_test.go: tickers, and what timers send.

use crate::on_both;
use crate::{HOUR, MICRO, MILLI};
use gaggle::sync::WaitGroup;
use gaggle::time::{self, Ticker, Timer};
use gaggle::{chan, select};
use std::time::Duration;

/// TestTicker: T8; never early, also after a change of the period, and nothing after Stop.
#[test]
fn test_ticker() {
    on_both(|| {
        for (first, then) in [(2 * MILLI, MILLI), (MILLI, 3 * MILLI)] {
            let (begin, ticker) = (time::now(), Ticker::new(first));
            (0..3).for_each(|_| _ = ticker.c().recv().unwrap());
            assert!(time::since(begin) >= 3 * first);
            let begin = time::now();
            ticker.reset(then);
            (0..3).for_each(|_| _ = ticker.c().recv().unwrap());
            assert!(time::since(begin) >= 3 * then);
            ticker.stop();
            assert!(ticker.c().recv_timeout(2 * then).is_err());
        }
    });
}

/// TestTeardown: tickers come and go.
#[test]
fn test_teardown() {
    on_both(|| {
        for _ in 0..3 {
            let ticker = Ticker::new(MILLI);
            ticker.c().recv().unwrap();
            ticker.stop();
        }
    });
}

/// TestTick: T7.
#[test]
fn test_tick() {
    on_both(|| {
        assert!(time::tick(Duration::ZERO).is_nil());
        assert_eq!(time::tick(MILLI).iter().take(3).count(), 3);
    });
}

/// TestNewTickerLtZeroDuration: T7; a duration is never negative here.
#[test]
#[should_panic(expected = "non-positive interval for NewTicker")]
fn test_new_ticker_lt_zero_duration() {
    Ticker::new(Duration::ZERO);
}

/// TestTickerResetLtZeroDuration: T7.
#[test]
#[should_panic(expected = "non-positive interval for Ticker.Reset")]
fn test_ticker_reset_lt_zero_duration() {
    Ticker::new(HOUR).reset(Duration::ZERO);
}

/// TestLongAdjustTimers: T14; very many timers of which nearly none is waited for to its end.
#[test]
fn test_long_adjust_timers() {
    on_both(|| {
        let (done, wg) = (chan::<()>(0), WaitGroup::new());
        for _ in 0..2_000 {
            let done = done.clone();
            wg.go(move || {
                for _ in 0..20 {
                    select! {
                        recv(time::after(5 * HOUR)) -> _ => unreachable!(),
                        recv(time::after(100 * MICRO)) -> _ => {},
                    }
                }
                let stop = time::after(5 * HOUR);
                select! {
                    recv(stop) -> _ => unreachable!(),
                    recv(done) -> _ => {},
                }
            });
        }
        done.close();
        wg.wait();
    });
}

/// TestAfterTimes: T5; the value is when it was due, however late it is received.
#[test]
fn test_after_times() {
    on_both(|| {
        let (begin, length) = (time::now(), 2 * MILLI);
        let (after, timer) = (time::after(length), Timer::new(length));
        let begun = time::now();
        time::sleep(5 * length);
        for c in [&after, timer.c()] {
            let due = c.recv().unwrap();
            assert!(due >= begin + length && due <= begun + length + MICRO);
        }
    });
}

/// TestTickTimes: T5, T8; the first tick that nobody took is the one that is there; the others are
/// lost, and the next is on the original phase.
#[test]
fn test_tick_times() {
    on_both(|| {
        let (begin, period) = (time::now(), 3 * MILLI);
        let ticker = Ticker::new(period);
        let begun = time::now();
        time::sleep(period * 11 / 2);
        let before = time::now();
        let first = ticker.c().recv().unwrap();
        assert!(first >= begin + period && first <= begun + period + MICRO);
        let next = ticker.c().recv().unwrap();
        assert!(next >= before, "one that was missed came after all");
        assert_eq!((next - first).as_nanos() % period.as_nanos(), 0);
    });
}

/// TestManualTicker: T6; a ticker that was never started can be stopped and waited for.
#[test]
fn test_manual_ticker() {
    on_both(|| {
        let ticker = Ticker::default();
        assert!(ticker.c().is_nil());
        assert!(ticker.c().recv_timeout(MILLI).is_err());
        ticker.stop();
    });
}
