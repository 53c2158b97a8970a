//! Cancels meet what the forms wait for, at the same moment (WANTS 26): one of the two has won, and what the
//! other was about, a value, a signal, the last done, is not lost.

use crate::{everywhere, go};
use gaggle::context::{
    self, CondCtx, Error, RecvCtx, SendCtx, SendCtxError, WaitCtx, background, with_cancel,
};
use gaggle::sync::{Cond, Mutex, WaitGroup};
use gaggle::{chan, runtime, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const ROUNDS: u64 = 100;

/// Lets `n % 3` others run: the two sides meet in all orders.
fn waver(n: u64) {
    (0..n % 3).for_each(|_| runtime::gosched());
}

/// A number that several add to.
fn sum() -> (Arc<AtomicU64>, impl Fn(u64) + Clone + Send + 'static) {
    let sum = Arc::new(AtomicU64::new(0));
    let theirs = Arc::clone(&sum);
    (sum, move |value| _ = theirs.fetch_add(value, Ordering::Relaxed))
}

#[test]
fn a_send_that_races_a_cancel_is_taken_or_gives_its_value_back() {
    everywhere(|| {
        for capacity in [0, 1] {
            let c = chan::<Box<u64>>(capacity);
            let (total, add) = sum();
            let (theirs, taken) = (c.clone(), add.clone());
            let receives = go(move || theirs.iter().for_each(|value| taken(*value)));
            let attempts: Vec<_> = (0..ROUNDS)
                .flat_map(|n| {
                    let (ctx, cancel) = with_cancel(&background());
                    let (c, back) = (c.clone(), add.clone());
                    let sends = go(move || match c.send_ctx(&ctx, Box::new(n)) {
                        Ok(()) => {}
                        Err(SendCtxError::Ended(Error::Canceled, value)) => back(*value),
                        Err(other) => panic!("{other}"),
                    });
                    let cancels = go(move || {
                        waver(n);
                        cancel.cancel();
                    });
                    [sends, cancels]
                })
                .collect();
            attempts.into_iter().for_each(|wait| wait());
            c.close();
            receives();
            assert_eq!(total.load(Ordering::Relaxed), ROUNDS * (ROUNDS - 1) / 2);
        }
    });
}

#[test]
fn a_receive_that_races_a_cancel_has_what_was_sent() {
    everywhere(|| {
        for n in 0..ROUNDS {
            let (c, got) = (chan::<u64>(0), chan::<Option<u64>>(1));
            let (ctx, cancel) = with_cancel(&background());
            let (theirs, tell) = (c.clone(), got.clone());
            let receives = go(move || match theirs.recv_ctx(&ctx) {
                Ok(value) => tell.send(value),
                Err(error) => {
                    assert_eq!(error, Error::Canceled);
                    tell.send(None);
                }
            });
            let cancels = go(move || {
                waver(n);
                cancel.cancel();
            });
            waver(n / 3);
            let sent = c.try_send(n).is_ok().then_some(n);
            assert_eq!(got.recv(), Some(sent));
            receives();
            cancels();
        }
    });
}

/// Two wait, one is cancelled while one signal is given: whoever gives up takes no signal away.
#[test]
fn a_signal_that_races_a_cancel_wakes_one() {
    everywhere(|| {
        for n in 0..ROUNDS {
            let (waiting, cond) = (Arc::new(Mutex::new(0)), Arc::new(Cond::new()));
            let (ctx, cancel) = with_cancel(&background());
            let waits = |ctx| {
                let (waiting, cond, end) = (Arc::clone(&waiting), Arc::clone(&cond), chan(1));
                let tell = end.clone();
                let wait = go(move || {
                    let mut guard = waiting.lock();
                    *guard += 1;
                    tell.send(cond.wait_ctx(&mut guard, &ctx));
                });
                (wait, end)
            };
            let ((first, its_end), (second, _)) = (waits(ctx), waits(background()));
            while *waiting.lock() < 2 {
                runtime::gosched();
            }
            let cancels = go(move || {
                waver(n);
                cancel.cancel();
            });
            waver(n / 3);
            cond.signal();
            match its_end.recv() {
                Some(Err(error)) => assert_eq!(error, Error::Canceled),
                Some(Ok(())) => cond.signal(), // it had the first one
                None => unreachable!("nobody closes it"),
            }
            [first, second, cancels].into_iter().for_each(|wait| wait());
        }
    });
}

#[test]
fn the_last_done_races_a_cancel() {
    everywhere(|| {
        for n in 0..ROUNDS {
            let wg = WaitGroup::new();
            wg.add(1);
            let (ctx, cancel) = with_cancel(&background());
            let theirs = wg.clone();
            let waits = go(move || match theirs.wait_ctx(&ctx) {
                Ok(()) => {}
                Err(error) => assert_eq!((error, ctx.err()), (Error::Canceled, ctx.err())),
            });
            let cancels = go(move || {
                waver(n);
                cancel.cancel();
            });
            waver(n / 3);
            wg.done();
            wg.wait();
            [waits, cancels].into_iter().for_each(|wait| wait());
            wg.add(1); // nobody is left behind who would miss this
            wg.done();
            wg.wait();
        }
    });
}

#[test]
fn the_end_of_a_sleep_races_a_cancel() {
    everywhere(|| {
        for n in 0..ROUNDS {
            let (ctx, cancel) = with_cancel(&background());
            let length = Duration::from_micros(20 * (n % 5) + 1);
            let sleeps = go(move || {
                let begin = time::now();
                match context::sleep(&ctx, length) {
                    Ok(()) => assert!(time::since(begin) >= length),
                    Err(error) => assert_eq!((error, ctx.err()), (Error::Canceled, ctx.err())),
                }
            });
            time::sleep(Duration::from_micros(40));
            cancel.cancel();
            sleeps();
        }
    });
}
