//! XT/rate/rate_test.go, sometimes_test.go (SEMANTICS X9). Times are given, not waited for, where they can be.

use crate::support::{error, everywhere, go};
use gaggle::context::{self, Error, background};
use gaggle::rate::{Limit, Limiter, Reservation, Sometimes};
use gaggle::time;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A tenth of a second, the time of one token at a limit of 10.
const D: Duration = Duration::from_millis(100);

/// Asks, at the times and for the numbers of `asked`, and compares.
#[track_caller]
fn allows(limiter: &Limiter, start: Instant, asked: &[(u32, u32, bool)]) {
    for &(at, n, wanted) in asked {
        assert_eq!(limiter.allow_n(start + D * at, n), wanted, "{n} at {at}");
    }
}

#[test]
fn test_limiter_burst1() {
    everywhere(|| {
        let asked = [
            (0, 1, true),
            (0, 1, false),
            (0, 1, false),
            (1, 1, true),
            (1, 1, false),
            (2, 2, false), // more than the burst
            (2, 1, true),
            (2, 1, false),
        ];
        allows(&Limiter::new(Limit(10.0), 1), time::now(), &asked);
    });
}

#[test]
fn test_limiter_burst3() {
    everywhere(|| {
        let asked = [
            (0, 2, true),
            (0, 2, false),
            (0, 1, true),
            (0, 1, false),
            (1, 4, false),
            (2, 1, true),
            (3, 1, true),
            (4, 1, true),
            (4, 1, true),
            (4, 1, false),
            (4, 1, false),
            (9, 3, true),
            (9, 0, true),
        ];
        allows(&Limiter::new(Limit(10.0), 3), time::now(), &asked);
    });
}

/// A clock that jumps back gives no tokens, and those that it gave stay.
#[test]
fn test_limiter_jump_backwards() {
    everywhere(|| {
        let asked = [
            (1, 1, true),
            (0, 1, true), // back: two are left
            (0, 1, true),
            (0, 1, false),
            (1, 1, true), // one more has come
            (1, 1, false),
            (2, 1, true),
            (2, 1, false),
        ];
        allows(&Limiter::new(Limit(10.0), 3), time::now(), &asked);
    });
}

#[test]
fn test_every_and_infinity() {
    assert_eq!(Limit::every(Duration::from_millis(500)), Limit(2.0));
    assert_eq!(Limit::every(Duration::ZERO), Limit::INF);
    let unlimited = Limiter::new(Limit::INF, 0);
    assert!((0..1000).all(|_| unlimited.allow()));
    let never = Limiter::new(Limit(0.0), 1);
    assert!(never.allow() && !never.allow());
    let nothing = Limiter::default();
    assert!(!nothing.allow() && !nothing.reserve().ok());
    let refused = nothing.wait(&background()).unwrap_err();
    assert_eq!(refused.to_string(), "rate: Wait(n=1) exceeds limiter's burst 0");
    assert!(nothing.allow_n(time::now(), 0), "no event at all is always allowed");
}

/// Of many who ask at once, as many as the burst may go.
#[test]
fn test_simultaneous_requests() {
    everywhere(|| {
        let (limiter, allowed) = (Limiter::new(Limit(1e-9), 5), Arc::new(AtomicU32::new(0)));
        let all: Vec<_> = (0..15)
            .map(|_| {
                let (limiter, allowed) = (limiter.clone(), Arc::clone(&allowed));
                go(move || {
                    allowed.fetch_add(limiter.allow().into(), Ordering::Relaxed);
                })
            })
            .collect();
        all.into_iter().for_each(|wait| wait());
        assert_eq!(allowed.load(Ordering::Relaxed), 5);
    });
}

/// Over a long time, the rate and the burst, and not one more.
#[test]
fn test_long_running_qps() {
    everywhere(|| {
        let (limiter, start) = (Limiter::new(Limit(100.0), 100), time::now());
        let mut allowed = 0;
        for step in 0..10_000_u32 {
            // Five seconds, five asked in each hundredth part of one that has room for one.
            allowed += u32::from(limiter.allow_n(start + Duration::from_micros(500) * step, 1));
        }
        assert!((598..=600).contains(&allowed), "{allowed}");
    });
}

/// Reserves `n` at `at` and compares the moment at which they may act; none: never.
#[track_caller]
fn reserve(limiter: &Limiter, start: Instant, at: u32, n: u32, act: Option<u32>) -> Reservation {
    let now = start + D * at;
    let reservation = limiter.reserve_n(now, n);
    assert_eq!(reservation.ok(), act.is_some());
    if let Some(act) = act {
        let late = reservation.delay_from(start).abs_diff(D * act);
        assert!(late < Duration::from_micros(1), "off by {late:?}");
    } else {
        assert_eq!(reservation.delay_from(now), Duration::MAX);
    }
    reservation
}

#[test]
fn test_simple_reserve() {
    everywhere(|| {
        let (limiter, start) = (Limiter::new(Limit(10.0), 2), time::now());
        reserve(&limiter, start, 0, 2, Some(0));
        reserve(&limiter, start, 0, 2, Some(2));
        reserve(&limiter, start, 3, 2, Some(4));
        reserve(&limiter, start, 3, 3, None);
    });
}

#[test]
fn test_mix() {
    everywhere(|| {
        let (limiter, start) = (Limiter::new(Limit(10.0), 2), time::now());
        reserve(&limiter, start, 0, 3, None); // never, and nothing is taken
        reserve(&limiter, start, 0, 2, Some(0));
        allows(&limiter, start, &[(1, 2, false), (3, 2, true)]);
        reserve(&limiter, start, 3, 2, Some(5));
        assert!((limiter.tokens_at(start + D * 4) + 1.0).abs() < 1e-6);
    });
}

/// What is cancelled comes back, but for what those behind it have been promised.
#[test]
fn test_cancel() {
    everywhere(|| {
        let start = time::now();
        let fresh = || Limiter::new(Limit(10.0), 2);
        let cancel = |reservation: &Reservation, at: u32| reservation.cancel_at(start + D * at);
        let limiter = fresh(); // the last
        reserve(&limiter, start, 0, 2, Some(0));
        let last = reserve(&limiter, start, 0, 2, Some(2));
        cancel(&last, 1);
        reserve(&limiter, start, 1, 2, Some(2));
        let limiter = fresh(); // too late
        reserve(&limiter, start, 0, 2, Some(0));
        let late = reserve(&limiter, start, 0, 2, Some(2));
        cancel(&late, 3);
        reserve(&limiter, start, 3, 2, Some(4));
        let limiter = fresh(); // one of no tokens
        reserve(&limiter, start, 0, 2, Some(0));
        let none = reserve(&limiter, start, 0, 0, Some(0));
        cancel(&none, 1);
        reserve(&limiter, start, 1, 2, Some(2));
        let limiter = fresh(); // before another one: what that was promised does not come back
        reserve(&limiter, start, 0, 2, Some(0));
        let before = reserve(&limiter, start, 0, 1, Some(1));
        reserve(&limiter, start, 0, 2, Some(3));
        cancel(&before, 0);
        reserve(&limiter, start, 2, 2, Some(5));
    });
}

#[test]
fn test_set_limit_and_burst() {
    everywhere(|| {
        let (limiter, start) = (Limiter::new(Limit(10.0), 2), time::now());
        reserve(&limiter, start, 0, 2, Some(0));
        reserve(&limiter, start, 0, 2, Some(2));
        limiter.set_limit_at(start + D * 2, Limit(5.0));
        reserve(&limiter, start, 2, 1, Some(4));
        assert_eq!((limiter.limit(), limiter.burst()), (Limit(5.0), 2));
        limiter.set_burst_at(start + D * 4, 4);
        reserve(&limiter, start, 4, 4, Some(12));
        limiter.set_limit_at(start + D * 12, Limit::INF);
        reserve(&limiter, start, 12, 100, Some(12));
    });
}

#[test]
fn test_wait() {
    everywhere(|| {
        let limiter = Limiter::new(Limit(0.001), 3);
        let (ended, cancel) = context::with_cancel(&background());
        cancel.cancel();
        assert_eq!(limiter.wait_n(&ended, 1), Err(Error::Canceled));
        let too_many = limiter.wait_n(&background(), 4).unwrap_err();
        assert_eq!(too_many.to_string(), "rate: Wait(n=4) exceeds limiter's burst 3");
        assert_eq!(limiter.wait_n(&background(), 3), Ok(()));
        let (minute, _cancel) = context::with_timeout(&background(), Duration::from_secs(60));
        let late = limiter.wait_n(&minute, 3).unwrap_err();
        assert_eq!(late.to_string(), "rate: Wait(n=3) would exceed context deadline");
        assert!(limiter.tokens() >= 0.0, "the refused took nothing");
        let quick = Limiter::new(Limit(1000.0), 1);
        (0..3).for_each(|_| assert_eq!(quick.wait(&minute), Ok(())));
        let slow = Limiter::new(Limit(0.01), 1);
        assert!(slow.allow());
        let (ctx, cancel) = context::with_cancel_cause(&background());
        let cancels = go(move || cancel.cancel(Some(error("no more"))));
        assert_eq!(slow.wait(&ctx), Err(Error::Canceled));
        cancels();
        assert!(slow.tokens() >= 0.0, "the token of who gave up came back");
    });
}

/// TestZeroLimit, and who waits at such a limit: until its context ends, which a deadline does for certain.
#[test]
fn test_zero_limit() {
    everywhere(|| {
        let none = Limiter::new(Limit(0.0), 1);
        assert!(none.allow() && !none.allow());
        let (minute, _cancel) = context::with_timeout(&background(), Duration::from_secs(60));
        let late = none.wait(&minute).unwrap_err();
        assert_eq!(late.to_string(), "rate: Wait(n=1) would exceed context deadline");
        let (ctx, cancel) = context::with_cancel_cause(&background());
        let cancels = go(move || cancel.cancel(Some(error("no more"))));
        assert_eq!(none.wait(&ctx), Err(Error::Canceled));
        cancels();
        assert_eq!(none.tokens(), 0.0, "the token of who gave up came back");
        let never = none.reserve();
        assert!(never.ok() && never.delay() > Duration::from_secs(1 << 32));
        assert!(!none.reserve_n(Instant::now(), 2).ok(), "more than the burst");
    });
}

/// What was taken while there was no limit comes back when there is one, as in Go.
#[test]
fn tokens_of_no_limit_come_back() {
    let (limiter, now) = (Limiter::new(Limit::INF, 5), Instant::now());
    limiter.set_limit_at(now, Limit(1.0));
    assert!(limiter.allow_n(now, 5));
    limiter.set_limit_at(now, Limit::INF);
    let taken = limiter.reserve_n(now, 3);
    limiter.set_limit_at(now, Limit(1.0));
    let before = limiter.tokens_at(now);
    taken.cancel_at(now);
    assert!((limiter.tokens_at(now) - before - 3.0).abs() < 1e-9, "{limiter:?}");
}

#[test]
fn test_sometimes_zero_first_every_interval() {
    everywhere(|| {
        let done = |sometimes: &Sometimes, times: u32| {
            let mut done = Vec::new();
            (0..times).for_each(|n| sometimes.run(|| done.push(n)));
            done
        };
        assert_eq!(done(&Sometimes::new(), 5), [0]);
        assert_eq!(done(&Sometimes::new().first(3), 5), [0, 1, 2]);
        assert_eq!(done(&Sometimes::new().every(2), 6), [0, 2, 4]);
        assert_eq!(done(&Sometimes::new().first(2).every(2), 6), [0, 1, 2, 4]);
        let hourly = Sometimes::new().interval(Duration::from_secs(3600));
        assert_eq!(done(&hourly, 5), [0]);
        let always = Sometimes::new().interval(Duration::from_nanos(1));
        assert_eq!(done(&always, 1), [0]);
        time::sleep(Duration::from_nanos(1));
        assert_eq!(done(&always, 1), [0]);
    });
}
