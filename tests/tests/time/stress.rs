//! TestTickerStress, TestTickerConcurrentStress, TestTimerStopStress (sleep_test.go): many at once, and
//! those who stop and reset what others wait for.

use crate::field::{on_each, yield_until};
use crate::{HOUR, MICRO, MILLI};
use gaggle::sync::WaitGroup;
use gaggle::time::{self, Ticker, Timer};
use gaggle::{chan, runtime, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

#[test]
fn test_ticker_stress() {
    on_each(|| {
        let (stop, wg) = (Arc::new(AtomicBool::new(false)), WaitGroup::new());
        let theirs = Arc::clone(&stop);
        wg.go(move || {
            while !theirs.load(Ordering::Relaxed) {
                std::hint::black_box(vec![0_u8; 1 << 16]);
                runtime::gosched();
            }
        });
        let ticker = Ticker::new(MICRO);
        (0..100).for_each(|_| _ = ticker.c().recv().unwrap());
        stop.store(true, Ordering::Relaxed);
        wg.wait();
    });
}

#[test]
fn test_ticker_concurrent_stress() {
    on_each(|| {
        let (ticker, wg) = (Ticker::new(MICRO), WaitGroup::new());
        for _ in 0..10 {
            let ticker = ticker.clone();
            wg.go(move || (0..100).for_each(|_| _ = ticker.c().recv().unwrap()));
        }
        wg.wait();
    });
}

#[test]
fn test_timer_stop_stress() {
    on_each(|| {
        let wg = WaitGroup::new();
        for at in 0..100_u32 {
            wg.go(move || {
                let timer = time::after_func(2 * HOUR, || panic!("a stopped timer was called"));
                time::sleep(MICRO * at);
                assert!(timer.stop());
            });
        }
        wg.wait();
    });
}

/// Everybody does everything to the same few timers; in the end each still works.
#[test]
fn timers_survive_whoever_sets_and_waits() {
    on_each(|| {
        let calls = Arc::new(AtomicU64::new(0));
        let timers: Vec<_> = (0..3).map(|_| Timer::new(MILLI)).collect();
        let (ticker, counted) = (Ticker::new(50 * MICRO), Arc::clone(&calls));
        let func = time::after_func(HOUR, move || _ = counted.fetch_add(1, Ordering::Relaxed));
        let wg = WaitGroup::new();
        for at in 0..8_u64 {
            let (timers, ticker, func) = (timers.clone(), ticker.clone(), func.clone());
            let mut seed = at + 1;
            wg.go(move || {
                for _ in 0..300 {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let (length, timer) =
                        (MICRO * (seed >> 58) as u32, &timers[(seed >> 32) as usize % 3]);
                    match (seed >> 40) % 8 {
                        0 => _ = timer.stop(),
                        1 => _ = timer.reset(length),
                        2 => _ = timer.c().recv_timeout(length),
                        3 => _ = ticker.c().recv_timeout(length),
                        4 => ticker.reset(length + MICRO),
                        5 => _ = func.reset(length),
                        6 => _ = func.stop(),
                        _ => select! {
                            recv(timers[0].c()) -> _ => {},
                            recv(ticker.c()) -> _ => {},
                            recv(timers[1].c()) -> _ => {},
                            recv(time::after(length)) -> _ => {},
                        },
                    }
                }
            });
        }
        wg.wait();
        for timer in &timers {
            timer.reset(MICRO);
            timer.c().recv().unwrap();
        }
        ticker.reset(MICRO);
        ticker.c().recv().unwrap();
        let before = calls.load(Ordering::Relaxed);
        func.reset(MICRO);
        yield_until(|| calls.load(Ordering::Relaxed) > before);
    });
}

/// A deadline that is the first of all, from a P that has other things to do, while the others
/// sleep until later ones (T14).
#[test]
fn an_earlier_timer_is_not_slept_past() {
    on_each(|| {
        for _ in 0..30 {
            let late = time::after_func(HOUR, || {});
            time::sleep(MICRO); // others go to sleep until then
            let (early, wg) = (chan::<()>(1), WaitGroup::new());
            let theirs = early.clone();
            time::after_func(200 * MICRO, move || theirs.send(()));
            let heard = early.clone();
            wg.go(move || heard.recv().unwrap());
            wg.wait();
            assert!(late.stop());
        }
    });
}
