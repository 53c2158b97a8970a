//! Contexts, error groups, semaphores and rates on a bubble's clock (SEMANTICS W2, W3, W9; S, X).

use crate::field::on_each;
use crate::{HOUR, MILLI, SECOND, bubble};
use gaggle::context::{self, CondCtx, Error, LockCtx, RecvCtx, WaitCtx};
use gaggle::sync::{Cond, Mutex, WaitGroup};
use gaggle::{chan, errgroup, go, rate, select, semaphore, singleflight, spawn, synctest, time};
use std::sync::Arc;

/// A deadline of the bubble comes when the bubble's clock says so, and not a nanosecond before.
#[test]
fn deadlines_go_by_the_bubble_s_clock() {
    bubble(|| {
        let begin = time::now();
        let (ctx, _cancel) = context::with_timeout(&context::background(), 5 * SECOND);
        assert_eq!(ctx.deadline(), Some(begin + 5 * SECOND));
        synctest::sleep(5 * SECOND - std::time::Duration::from_nanos(1));
        assert_eq!(ctx.err(), None);
        synctest::sleep(std::time::Duration::from_nanos(1));
        assert_eq!(ctx.err(), Some(Error::DeadlineExceeded));
        assert_eq!(ctx.done().recv(), None);
        let (ctx, _cancel) = context::with_deadline(&context::background(), begin);
        assert_eq!(ctx.err(), Some(Error::DeadlineExceeded), "it has passed");
        let (ctx, cancel) = context::with_timeout(&context::background(), HOUR);
        cancel.cancel();
        synctest::sleep(2 * HOUR);
        assert_eq!(ctx.err(), Some(Error::Canceled));
    });
}

/// S11, on the clock of the bubble: 2000-01-01.
#[test]
fn a_deadline_is_shown_by_the_bubble_s_wall() {
    bubble(|| {
        let (ctx, _cancel) = context::with_timeout(&context::background(), 90 * SECOND);
        time::sleep(30 * SECOND);
        assert_eq!(
            ctx.to_string(),
            "context.Background.WithDeadline(2000-01-01 00:01:30 +0000 UTC [1m0s])"
        );
    });
}

/// W9: the channel of a context of the bubble belongs to it: waiting for it is durable. And
/// `after_func` runs in the bubble.
#[test]
fn the_end_of_a_context_is_waited_for_durably() {
    bubble(|| {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let theirs = ctx.clone();
        let waits = spawn(move || theirs.done().recv());
        let called = chan::<bool>(1);
        let tell = called.clone();
        let _stop = context::after_func(&ctx, move || tell.send(synctest::in_bubble()));
        synctest::wait();
        assert!(!waits.is_finished());
        cancel.cancel();
        synctest::wait();
        assert!(waits.is_finished());
        assert_eq!(called.try_recv(), Ok(true));
        waits.join().unwrap();
    });
}

/// The forms that a context ends, on the bubble's clock.
#[test]
fn the_forms_with_a_context_wait_durably() {
    bubble(|| {
        let begin = time::now();
        let within = |seconds| context::with_timeout(&context::background(), seconds * SECOND).0;
        let ended = Err(Error::DeadlineExceeded);
        assert_eq!(chan::<u32>(0).recv_ctx(&within(1)).map(drop), ended);
        assert_eq!(context::sleep(&within(1), HOUR), ended);
        assert_eq!(context::sleep(&within(2), SECOND), Ok(()));
        let wg = WaitGroup::new();
        wg.add(1);
        assert_eq!(wg.wait_ctx(&within(1)), ended);
        let (lock, cond) = (Mutex::new(()), Cond::new());
        assert_eq!(cond.wait_ctx(&mut lock.lock(), &within(1)), ended);
        let tokens = semaphore::Weighted::new(1);
        tokens.acquire(&within(1), 1).unwrap();
        assert_eq!(tokens.acquire(&within(1), 1), ended);
        assert_eq!(time::since(begin), 6 * SECOND);
        assert!(lock.lock_ctx(&within(1)).is_ok());
        wg.done();
        wg.wait();
    });
}

/// A context from outside may end the waits of a bubble; they are not durable then.
#[test]
fn a_context_from_outside_is_no_durable_wait() {
    on_each(|| {
        let (ctx, cancel) = context::with_cancel(&context::background());
        let _made_outside = ctx.done();
        let theirs = ctx.clone();
        let bubble = spawn(move || {
            synctest::test(move || {
                let begin = time::now();
                let sleeper = spawn(|| time::sleep(SECOND));
                let wg = WaitGroup::new();
                wg.add(1);
                assert_eq!(wg.wait_ctx(&theirs), Err(Error::Canceled));
                assert_eq!(chan::<()>(0).recv_ctx(&theirs), Err(Error::Canceled));
                assert_eq!(time::now(), begin);
                wg.done();
                wg.wait();
                sleeper.join().unwrap();
            });
        });
        time::sleep(2 * MILLI);
        cancel.cancel();
        bubble.join().unwrap();
    });
}

/// A value that never ends is not in the way, whoever made it.
#[test]
fn the_background_of_outside_is_durable() {
    bubble(|| {
        let wg = WaitGroup::new();
        wg.go(|| time::sleep(SECOND));
        assert_eq!(wg.wait_ctx(&context::background()), Ok(()));
        let c = chan::<u32>(0);
        let theirs = c.clone();
        go(move || {
            time::sleep(SECOND);
            theirs.send(7);
        });
        assert_eq!(c.recv_ctx(&context::todo()), Ok(Some(7)));
    });
}

/// The closed channel that all contexts share belongs to no bubble.
#[test]
fn what_contexts_share_is_of_no_bubble() {
    on_each(|| {
        synctest::test(|| {
            let (ctx, cancel) = context::with_cancel(&context::background());
            cancel.cancel();
            assert_eq!(ctx.done().recv(), None);
        });
        let (ctx, cancel) = context::with_cancel(&context::background());
        cancel.cancel();
        assert_eq!(ctx.done().recv(), None);
    });
}

/// TestSynctestTimerRaceCtxCrash: a deadline that comes while its context is cancelled.
#[test]
fn test_synctest_timer_race_ctx_crash() {
    on_each(|| {
        for _ in 0..100 {
            synctest::test(|| {
                let (ctx, cancel) = context::with_timeout(&context::background(), SECOND);
                let child = context::with_cancel(&ctx).0;
                go(move || {
                    time::sleep(SECOND);
                    cancel.cancel();
                });
                child.done().recv();
                assert!(ctx.err().is_some());
            });
        }
    });
}

/// X: what is built on channels, locks and clocks needs nothing of its own.
#[test]
fn groups_flights_and_rates_run_in_bubbles() {
    bubble(|| {
        let begin = time::now();
        let (group, ctx) = errgroup::Group::with_context(&context::background());
        group.set_limit(Some(2));
        for _ in 0..4 {
            let ctx = ctx.clone();
            group.go(move || context::sleep(&ctx, SECOND));
        }
        group.wait().unwrap();
        assert_eq!(time::since(begin), 2 * SECOND);
        let flights = Arc::new(singleflight::Group::<&str, u32>::new());
        let theirs = Arc::clone(&flights);
        let second = spawn(move || {
            time::sleep(SECOND / 2);
            theirs.call("key", || unreachable!()).value
        });
        let singleflight::Outcome { value, shared } = flights.call("key", || {
            time::sleep(SECOND);
            42
        });
        assert_eq!((value, shared, second.join().unwrap()), (42, true, 42));
        let limiter = rate::Limiter::new(rate::Limit(2.0), 1);
        let begin = time::now();
        (0..5).for_each(|_| limiter.wait(&context::background()).unwrap());
        assert_eq!(time::since(begin), 2 * SECOND);
        select! {
            recv(ctx.done()) -> _ => {}, // wait has ended it
        }
    });
}
