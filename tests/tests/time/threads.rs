//! Timers of plain threads: the thread itself waits, and shares them with goroutines.

use crate::field::alone;
use crate::{HOUR, MICRO, MILLI};
use gaggle::time::{self, Ticker, Timer};
use gaggle::{chan, select};
use std::thread;
use std::time::Instant;

#[test]
fn a_thread_waits_for_timers_as_a_goroutine_does() {
    let _alone = alone();
    let (begin, ticker) = (Instant::now(), Ticker::new(MILLI));
    ticker.c().recv().unwrap();
    let timeout = time::after(5 * MILLI);
    let mut ticks = 0;
    loop {
        select! {
            recv(ticker.c()) -> _ => ticks += 1,
            recv(timeout) -> _ => break,
        }
    }
    assert!(begin.elapsed() >= 6 * MILLI);
    assert!(ticks <= 6, "{ticks} ticks in so little time"); // seldom fewer, never more
}

#[test]
fn a_thread_that_waits_follows_a_reset_by_another() {
    let _alone = alone();
    for _ in 0..50 {
        let timer = Timer::new(HOUR);
        let theirs = timer.clone();
        let waits = thread::spawn(move || theirs.c().recv().unwrap());
        thread::yield_now();
        timer.reset(MICRO);
        waits.join().unwrap();
        assert!(!timer.stop());
    }
}

#[test]
fn threads_and_goroutines_share_one_ticker() {
    let _alone = alone();
    let main = || {
        let (ticker, done) = (Ticker::new(50 * MICRO), chan::<()>(0));
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let ticker = ticker.clone();
                thread::spawn(move || (0..20).for_each(|_| _ = ticker.c().recv().unwrap()))
            })
            .collect();
        for _ in 0..3 {
            let (ticker, done) = (ticker.clone(), done.clone());
            gaggle::go(move || {
                (0..20).for_each(|_| _ = ticker.c().recv().unwrap());
                done.send(());
            });
        }
        (0..3).for_each(|_| done.recv().unwrap());
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    };
    // SAFETY: nothing here keeps a thread-local across a switch point.
    unsafe { gaggle::run(main) };
}

#[test]
fn a_thread_s_call_comes_on_a_goroutine() {
    let _alone = alone();
    let called = chan::<bool>(0);
    let theirs = called.clone();
    let timer = time::after_func(MILLI, move || theirs.send(gaggle_sched::on_goroutine()));
    assert_eq!(called.recv(), Some(true));
    assert!(!timer.reset(HOUR));
    assert!(timer.stop());
}
