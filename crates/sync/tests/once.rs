//! Once and its kin beyond Go's tests: who waits, with a limit, after a panic, inside itself.
#![cfg(not(loom))]

#[path = "support/waiting.rs"]
mod waiting;

use gaggle_gopark::{GRef, WaitReason};
use gaggle_sync::{Once, OnceFunc, OnceValue};
use std::any::Any;
use std::error::Error;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use waiting::{start, until_waiting};

type Waiter = (GRef, JoinHandle<()>);

/// Starts one that waits for the end of the call that runs; it is waiting when this returns.
fn waiter(once: &Arc<Once>, then: impl FnOnce() + Send + 'static) -> Waiter {
    let once = Arc::clone(once);
    let it = start(move || {
        once.call_once(|| unreachable!("it runs"));
        then();
    });
    until_waiting(&it);
    assert_eq!(it.0.reason(), Some(WaitReason::MutexLock), "N3");
    it
}

/// Runs `f` inside the one call of `once`.
fn inside(once: &Once, f: impl FnOnce()) {
    once.call_once(f);
    assert!(once.is_completed());
}

/// N1, N3: who comes while it runs waits, as for a mutex, and is woken by its end.
#[test]
fn whoever_comes_while_it_runs_waits_for_its_end() {
    let (once, ended) = (Arc::new(Once::new()), Arc::new(AtomicBool::new(false)));
    let mut waiters = Vec::new();
    inside(&once, || {
        for _ in 0..5 {
            let ended = Arc::clone(&ended);
            let seen = move || assert!(ended.load(Ordering::Relaxed), "Y13: what it did is seen");
            waiters.push(waiter(&once, seen));
        }
        ended.store(true, Ordering::Relaxed);
    });
    waiters.into_iter().for_each(|(_, thread)| thread.join().unwrap());
}

/// A waiter whose time is up leaves, and nobody else is disturbed by that.
#[test]
fn a_wait_for_it_may_have_a_limit() {
    let once = Arc::new(Once::new());
    let mut patient = None;
    inside(&once, || {
        patient = Some(waiter(&once, || {}));
        for _ in 0..3 {
            assert!(!once.call_once_timeout(|| unreachable!(), Duration::from_millis(1)), "N3");
        }
    });
    patient.expect("it was started").1.join().unwrap();
    assert!(once.call_once_timeout(|| unreachable!(), Duration::ZERO));
}

/// N2: waiters go on after a panic too.
#[test]
fn a_panic_lets_waiters_go_on() {
    let once = Arc::new(Once::new());
    let mut patient = None;
    let call = AssertUnwindSafe(|| {
        once.call_once(|| {
            patient = Some(waiter(&once, || {}));
            panic!("on purpose");
        });
    });
    assert!(catch_unwind(call).is_err());
    patient.expect("it was started").1.join().unwrap();
}

/// N4: with a limit too, every call panics with the same words.
#[test]
fn values_may_be_waited_for_with_a_limit() {
    let value = OnceValue::new(|| 7);
    assert_eq!(value.get_timeout(Duration::from_secs(60)), Some(&7));
    let f = OnceFunc::new(|| panic!("x"));
    for _ in 0..2 {
        let call = AssertUnwindSafe(|| f.call_timeout(Duration::ZERO));
        assert_eq!(catch_unwind(call).unwrap_err().downcast_ref(), Some(&"x"));
    }
}

#[test]
fn of_many_with_and_without_limits_one_runs_it_and_all_see_it() {
    for round in 0..200_u64 {
        let (once, calls) = (Arc::new(Once::new()), Arc::new(AtomicU32::new(0)));
        let all: Vec<_> = (0..6_u64)
            .map(|at| {
                let (once, calls) = (Arc::clone(&once), Arc::clone(&calls));
                thread::spawn(move || {
                    let f = || {
                        (0..round % 20).for_each(|_| thread::yield_now());
                        calls.fetch_add(1, Ordering::Relaxed);
                    };
                    if at % 2 == 0 {
                        once.call_once(f);
                    } else if !once.call_once_timeout(f, Duration::from_micros(at * 20)) {
                        return;
                    }
                    assert_eq!(calls.load(Ordering::Relaxed), 1);
                })
            })
            .collect();
        all.into_iter().for_each(|one| one.join().unwrap());
        assert!(once.is_completed());
    }
}

/// What every call panics with.
fn panics_of<P: Send + 'static>(payload: impl FnOnce() -> P) -> [Box<dyn Any + Send>; 3] {
    let f = OnceFunc::new(move || std::panic::panic_any(payload()));
    [(); 3].map(|()| catch_unwind(AssertUnwindSafe(|| f.call())).unwrap_err())
}

/// N4: the same value each time, or as much of it as can be copied.
#[test]
fn every_call_panics_with_what_the_first_did() {
    panics_of(|| 7_u16).iter().for_each(|it| assert_eq!(it.downcast_ref(), Some(&7_u16)));
    panics_of(|| true).iter().for_each(|it| assert_eq!(it.downcast_ref(), Some(&true)));
    panics_of(|| 1.5).iter().for_each(|it| assert_eq!(it.downcast_ref(), Some(&1.5)));
    let texts = panics_of(|| Box::<str>::from("boxed"));
    texts.iter().for_each(|it| assert_eq!(it.downcast_ref(), Some(&Box::<str>::from("boxed"))));
    for it in panics_of(|| Box::<dyn Error + Send + Sync>::from("an error")) {
        assert_eq!(it.downcast::<Box<dyn Error + Send + Sync>>().unwrap().to_string(), "an error");
    }
    for it in panics_of(|| io::Error::new(io::ErrorKind::NotFound, "not here")) {
        let error = it.downcast::<io::Error>().unwrap();
        assert_eq!((error.kind(), error.to_string()), (io::ErrorKind::NotFound, "not here".into()));
    }
    let [first, second, third] = panics_of(|| vec![1]);
    assert_eq!(first.downcast_ref(), Some(&vec![1]));
    for it in [second, third] {
        assert_eq!(it.downcast_ref(), Some(&"(dyn Any), which the first caller was given"));
    }
}
