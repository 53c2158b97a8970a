//! What Go's tests do not say about the condition: deadlines, guards, unwinding.
#![cfg(not(loom))]

mod support;

use gaggle_gopark::WaitReason;
use gaggle_sync::{BareMutex, BareRwMutex, Cond, Locker, Mutex, RwMutex};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;
use support::waiting::{start, until_waiting};

const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(100);

#[test]
fn a_waiter_shows_its_reason_and_comes_back_with_the_mutex() {
    let shared = Arc::new((Mutex::new(0), Cond::new()));
    let theirs = Arc::clone(&shared);
    let waiter = start(move || {
        let mut value = theirs.0.lock();
        theirs.1.wait_while(&mut value, |value| **value == 0);
        assert!(theirs.0.try_lock().is_none(), "O1");
        *value
    });
    until_waiting(&waiter);
    assert_eq!(waiter.0.reason(), Some(WaitReason::CondWait)); // O5
    *shared.0.lock() = 7;
    shared.1.signal();
    assert_eq!(waiter.1.join().unwrap(), 7);
}

#[test]
fn a_signal_for_nobody_is_not_remembered() {
    let (m, c) = (Mutex::new(()), Cond::new());
    c.signal();
    c.broadcast();
    let mut guard = m.lock();
    assert!(!c.wait_timeout(&mut guard, SHORT), "O2");
    assert!(!c.wait_timeout(&mut guard, Duration::ZERO), "O2");
    assert!(m.try_lock().is_none(), "the guard holds it again");
}

#[test]
fn one_that_gave_up_takes_no_signal_with_it() {
    let shared = Arc::new((BareMutex::new(), Cond::new()));
    for _ in 0..20 {
        let wait = |timeout| {
            let theirs = Arc::clone(&shared);
            let waiter = start(move || {
                theirs.0.lock();
                let told = theirs.1.wait_on_timeout(&theirs.0, timeout);
                theirs.0.unlock();
                told
            });
            until_waiting(&waiter);
            waiter
        };
        let (first, second) = (wait(SHORT), wait(LONG));
        assert!(!first.1.join().unwrap());
        shared.1.signal();
        assert!(second.1.join().unwrap());
    }
}

#[test]
fn readers_and_writers_wait_too() {
    let shared = Arc::new((RwMutex::new(0), Cond::new(), BareRwMutex::new()));
    let theirs = Arc::clone(&shared);
    let reader = start(move || {
        let mut value = theirs.0.read();
        theirs.1.wait_while(&mut value, |value| **value == 0);
        *value
    });
    let theirs = Arc::clone(&shared);
    let writer = start(move || {
        let mut value = theirs.0.write();
        theirs.1.wait_while(&mut value, |value| **value == 0);
        *value
    });
    let theirs = Arc::clone(&shared);
    let bare = start(move || {
        let locker = theirs.2.rlocker();
        locker.lock();
        let told = theirs.1.wait_on_timeout(&locker, LONG);
        locker.unlock();
        told
    });
    [&reader.0, &writer.0, &bare.0].into_iter().for_each(|g| {
        while g.reason() != Some(WaitReason::CondWait) {
            std::thread::yield_now();
        }
    });
    *shared.0.write() = 3;
    until_waiting(&bare);
    shared.1.broadcast();
    assert_eq!((reader.1.join().unwrap(), writer.1.join().unwrap()), (3, 3));
    assert!(bare.1.join().unwrap());
}

/// A lock whose unlock panics: the waiter leaves the line, and does not lock what it still holds.
#[test]
fn an_unlock_that_panics_takes_its_ticket_back() {
    struct Stuck(AtomicU32);
    impl Locker for Stuck {
        fn lock(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
        fn unlock(&self) {
            panic!("stuck");
        }
    }
    let (stuck, c) = (Stuck(AtomicU32::new(0)), Cond::new());
    assert!(catch_unwind(AssertUnwindSafe(|| c.wait_on(&stuck))).is_err());
    assert_eq!(stuck.0.load(Ordering::Relaxed), 0);
    assert!(format!("{c:?}").contains("waiting: 0"), "{c:?}");
    c.signal();
}

/// O1: a wait for a condition with a limit ends when it is so, whatever signals came in between, or in time.
#[test]
fn a_wait_for_a_condition_has_a_limit() {
    let shared = Arc::new((Mutex::new(0_u32), Cond::new()));
    let theirs = Arc::clone(&shared);
    let counter = thread::spawn(move || {
        for _ in 0..5 {
            *theirs.0.lock() += 1;
            theirs.1.broadcast();
        }
    });
    let mut count = shared.0.lock();
    let long = Duration::from_secs(100);
    assert!(shared.1.wait_while_timeout(&mut count, |count| **count < 5, long));
    assert_eq!(*count, 5);
    let short = Duration::from_millis(1);
    assert!(!shared.1.wait_while_timeout(&mut count, |count| **count < 6, short));
    assert!(shared.1.wait_while_timeout(&mut count, |_| false, Duration::ZERO), "it is so already");
    drop(count);
    counter.join().unwrap();
}

/// Decision 061: who would only sleep again at the mutex is not woken before its turn.
#[test]
fn a_thread_called_under_the_mutex_stands_in_its_line() {
    let shared = Arc::new((BareMutex::new(), Cond::new()));
    let waiters: Vec<_> = (0..3)
        .map(|_| {
            let theirs = Arc::clone(&shared);
            let waiter = start(move || {
                theirs.0.lock();
                theirs.1.wait_on(&theirs.0);
                theirs.0.unlock();
            });
            until_waiting(&waiter);
            waiter
        })
        .collect();
    let waiting = |count: u32| {
        let state = format!("{:?}", shared.0);
        assert!(state.contains(&format!("waiters: {count} }}")), "{state}");
    };
    shared.0.lock();
    shared.1.signal();
    waiting(1);
    shared.1.broadcast();
    waiting(3);
    assert_eq!(format!("{:?}", shared.1), "Cond { waiting: 0 }");
    shared.0.unlock();
    for waiter in waiters {
        waiter.1.join().unwrap();
    }
    waiting(0);
    assert!(shared.0.try_lock());
}

#[test]
fn a_storm_of_calls_under_and_beside_the_mutex_loses_nobody_and_ends_quiet() {
    const TURNS: u32 = 2000;
    let shared = Arc::new((Mutex::new(0_u32), Cond::new()));
    let threads: Vec<_> = (0..4_u32)
        .map(|me| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for turn in 0..TURNS {
                    let mut at = shared.0.lock();
                    while *at % 4 != me {
                        if (turn + me) % 3 == 0 {
                            shared.1.wait_timeout(&mut at, LONG);
                        } else {
                            shared.1.wait(&mut at);
                        }
                    }
                    *at += 1;
                    let under = turn % 5 != 0;
                    if under {
                        shared.1.broadcast();
                    }
                    drop(at);
                    if !under {
                        shared.1.broadcast();
                        drop(shared.0.try_lock_for(SHORT));
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*shared.0.lock(), 4 * TURNS);
    // SAFETY: it is not unlocked by this.
    let raw = format!("{:?}", unsafe { shared.0.raw() });
    assert!(raw.contains("locked: false, woken: false, starving: false, waiters: 0"), "{raw}");
    assert!(raw.ends_with("tokens: 0 }"), "{raw}");
}
