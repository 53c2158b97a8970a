//! Very many goroutines, parked and woken.

use crate::field::{on, yield_until};
use gaggle::sync::WaitGroup;
use gaggle::{chan, runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The goroutine of the test and main, who joins it.
const US: usize = 2;

/// Parks `count` goroutines on one channel and wakes them all by closing it.
fn woken_by_close(count: usize) {
    let (c, wg, woken) = (chan::<u32>(0), WaitGroup::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..count {
        let (c, woken) = (c.clone(), Arc::clone(&woken));
        wg.go(move || {
            assert_eq!(c.recv(), None);
            woken.fetch_add(1, Ordering::Relaxed);
        });
    }
    runtime::gosched();
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    assert!(runtime::num_goroutine() >= US + count);
    c.close();
    wg.wait();
    assert_eq!(woken.load(Ordering::Relaxed), count);
    yield_until(|| runtime::num_goroutine() == US);
}

/// Parks `count` goroutines and wakes them one by one, each with its own value.
fn woken_by_send(count: usize) {
    let (c, wg, sum) = (chan::<usize>(0), WaitGroup::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..count {
        let (c, sum) = (c.clone(), Arc::clone(&sum));
        wg.go(move || {
            sum.fetch_add(c.recv().unwrap(), Ordering::Relaxed);
        });
    }
    (0..count).for_each(|at| c.send(at));
    wg.wait();
    assert_eq!(sum.load(Ordering::Relaxed), count * (count - 1) / 2);
}

#[test]
fn ten_thousand_goroutines_are_parked_and_woken() {
    for procs in [1, 2, 4] {
        on(procs, || woken_by_close(10_000));
        on(procs, || woken_by_send(10_000));
    }
}

#[test]
fn a_hundred_thousand_goroutines_are_parked_and_woken() {
    on(1, || woken_by_close(100_000));
    on(4, || woken_by_send(100_000));
}

/// goroutines.go: a value relayed through a chain of ten thousand.
#[test]
fn a_chain_of_ten_thousand_goroutines_relays_a_value() {
    for procs in [1, 4] {
        on(procs, || {
            let first = chan::<u32>(0);
            let mut last = first.clone();
            for _ in 0..10_000 {
                let (left, right) = (last, chan(0));
                last = right.clone();
                gaggle::go(move || right.send(left.recv().unwrap() + 1));
            }
            first.send(0);
            assert_eq!(last.recv(), Some(10_000));
        });
    }
}
