//! Time limits at both ends: none at all, which is a try, and one that no clock reaches, which is no limit.
#![cfg(not(loom))]

mod support;

use gaggle_sync::{
    BareMutex, BareRwMutex, Cond, Mutex, Once, OnceFunc, OnceValue, RwMutex, WaitGroup,
};
use std::sync::Arc;
use std::time::Duration;
use support::{Signals, go};

const NONE: Duration = Duration::ZERO;
const EVER: Duration = Duration::MAX;

/// Calls `wait` on somebody else, and `end` beside it; what `wait` said.
fn beside<T: Send + 'static>(
    wait: impl FnOnce() -> T + Send + 'static,
    end: impl FnOnce() + Send + 'static,
) -> T {
    let (done, said) = (Signals::default(), Arc::new(Mutex::new(None)));
    let (theirs, slot) = (done.clone(), Arc::clone(&said));
    go(move || {
        *slot.lock() = Some(wait());
        theirs.send();
    });
    (0..50).for_each(|_| support::yield_now());
    end();
    done.recv();
    let said = said.lock().take();
    said.expect("it has ended")
}

#[test]
fn a_mutex_with_no_time_is_tried_and_with_all_time_is_waited_for() {
    let mutex = Arc::new(BareMutex::new());
    assert!(mutex.lock_timeout(NONE), "it is free");
    assert!(!mutex.lock_timeout(NONE));
    let (theirs, ours) = (Arc::clone(&mutex), Arc::clone(&mutex));
    assert!(beside(move || theirs.lock_timeout(EVER), move || ours.unlock()));
    mutex.unlock();
    let data = Mutex::new(1);
    {
        let _held = data.try_lock_for(EVER).expect("it is free");
        assert!(data.try_lock_for(NONE).is_none());
    }
    assert!(data.try_lock_for(NONE).is_some());
}

#[test]
fn a_reader_writer_mutex_likewise_on_both_sides() {
    let mutex = Arc::new(BareRwMutex::new());
    assert!(mutex.rlock_timeout(NONE) && mutex.rlock_timeout(EVER));
    assert!(!mutex.lock_timeout(NONE), "two read");
    assert!(mutex.rlock_timeout(NONE), "who gave up keeps nobody out");
    let (theirs, ours) = (Arc::clone(&mutex), Arc::clone(&mutex));
    assert!(beside(move || theirs.lock_timeout(EVER), move || (0..3).for_each(|_| ours.runlock())));
    assert!(!mutex.rlock_timeout(NONE) && !mutex.lock_timeout(NONE), "one writes");
    let (theirs, ours) = (Arc::clone(&mutex), Arc::clone(&mutex));
    assert!(beside(move || theirs.rlock_timeout(EVER), move || ours.unlock()));
    mutex.runlock();
    let data = RwMutex::new(1);
    let read = data.try_read_for(EVER).expect("it is free");
    assert!(data.try_write_for(NONE).is_none() && data.try_read_for(NONE).is_some());
    drop(read);
    assert!(data.try_write_for(EVER).is_some());
}

#[test]
fn a_group_and_a_condition_likewise() {
    let group = WaitGroup::new();
    assert!(group.wait_timeout(NONE) && group.wait_timeout(EVER), "M1: at zero");
    group.add(1);
    assert!(!group.wait_timeout(NONE));
    let (theirs, ours) = (group.clone(), group.clone());
    assert!(beside(move || theirs.wait_timeout(EVER), move || ours.done()));

    let shared = Arc::new((Mutex::new(false), Cond::new()));
    let mut guard = shared.0.lock();
    assert!(!shared.1.wait_timeout(&mut guard, NONE));
    assert!(shared.0.try_lock().is_none(), "O1: it is held again");
    drop(guard);
    let (theirs, ours) = (Arc::clone(&shared), Arc::clone(&shared));
    let woken = beside(
        move || {
            let mut guard = theirs.0.lock();
            theirs.1.wait_while_timeout(&mut guard, |said| !**said, EVER)
        },
        move || {
            *ours.0.lock() = true;
            ours.1.signal();
        },
    );
    assert!(woken);
}

#[test]
fn calls_that_run_once_likewise() {
    let once = Arc::new(Once::new());
    assert!(once.call_once_timeout(|| (), NONE), "the first takes the time it takes");
    assert!(once.call_once_timeout(|| unreachable!(), EVER));
    let inside = Arc::new(OnceValue::new({
        let gate = Arc::new(BareMutex::new());
        gate.lock();
        let theirs = Arc::clone(&gate);
        go(move || {
            (0..20).for_each(|_| support::yield_now());
            theirs.unlock();
        });
        move || {
            gate.lock();
            7
        }
    }));
    let theirs = Arc::clone(&inside);
    assert_eq!(beside(move || theirs.get_timeout(EVER).copied(), || ()), Some(7));
    assert_eq!(inside.get_timeout(NONE), Some(&7));
    let func = OnceFunc::new(|| ());
    assert!(func.call_timeout(NONE) && func.call_timeout(EVER));
}
