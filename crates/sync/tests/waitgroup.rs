//! What Go's tests do not say about the wait group: deadlines, goexit, a negative counter.
#![cfg(not(loom))]

use gaggle_gopark::{self as gopark, Goexit, Status, WaitReason};
use gaggle_sync::WaitGroup;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(1);

#[test]
fn wait_returns_at_once_at_zero() {
    let wg = WaitGroup::new();
    wg.wait();
    assert!(wg.wait_timeout(Duration::ZERO));
}

#[test]
fn a_wait_that_times_out_leaves_no_trace() {
    let wg = WaitGroup::new();
    wg.add(1);
    assert!(!wg.wait_timeout(Duration::ZERO));
    assert!(!wg.wait_timeout(SHORT));
    let state = format!("{wg:?}");
    assert!(state.contains("waiters: 0"), "{state}");
    wg.done();
    wg.wait();
}

#[test]
fn a_waiter_shows_its_reason() {
    let (wg, (tell, told)) = (WaitGroup::new(), std::sync::mpsc::channel());
    wg.add(1);
    let theirs = wg.clone();
    let waiter = thread::spawn(move || {
        tell.send(gopark::current()).unwrap();
        theirs.wait();
    });
    let g = told.recv().unwrap();
    while g.status().get() != Status::Waiting {
        thread::yield_now();
    }
    assert_eq!(g.reason(), Some(WaitReason::WaitGroupWait)); // M6
    wg.done();
    waiter.join().unwrap();
}

#[test]
fn a_negative_counter_stays_and_blocks_waits() {
    let wg = WaitGroup::new();
    let caught = catch_unwind(AssertUnwindSafe(|| wg.add(-1))).unwrap_err();
    assert_eq!(caught.downcast_ref(), Some(&"sync: negative WaitGroup counter"));
    assert!(!wg.wait_timeout(SHORT), "M2");
    let caught = catch_unwind(AssertUnwindSafe(|| wg.done())).unwrap_err();
    assert_eq!(caught.downcast_ref(), Some(&"sync: negative WaitGroup counter"));
    wg.add(2);
    wg.wait();
}

#[test]
fn goexit_inside_go_counts_as_done() {
    let wg = WaitGroup::new();
    wg.go(|| Goexit::raise()); // M5
    wg.wait();
}

#[test]
fn timed_and_plain_waiters_all_return() {
    for round in 0..500 {
        let wg = WaitGroup::new();
        wg.add(2);
        let waiters = [0, 20, 50, 100].map(|us| {
            let wg = wg.clone();
            thread::spawn(move || match us {
                0 => wg.wait(),
                _ => drop(wg.wait_timeout(Duration::from_micros(us + round % 64))),
            })
        });
        let theirs = wg.clone();
        let worker = thread::spawn(move || theirs.done());
        wg.done();
        wg.wait();
        worker.join().unwrap();
        for waiter in waiters {
            waiter.join().unwrap();
        }
        let state = format!("{wg:?}");
        assert!(state.contains("counter: 0") && state.contains("waiters: 0"), "{state}");
        wg.add(1);
        assert!(!wg.wait_timeout(Duration::ZERO), "a token was left over");
        wg.done();
    }
}

/// M4: as many waiters as there are, and round after round once all have returned.
#[test]
fn a_group_may_be_used_again_once_all_waits_have_returned() {
    let (wg, rounds) = (WaitGroup::new(), 50);
    for round in 1..=rounds {
        wg.add(round);
        let waiters: Vec<_> = (0..8)
            .map(|_| {
                let wg = wg.clone();
                thread::spawn(move || wg.wait())
            })
            .collect();
        let theirs = wg.clone();
        let worker = thread::spawn(move || (0..round).for_each(|_| theirs.done()));
        wg.wait();
        worker.join().unwrap();
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
    }
    wg.wait();
}
