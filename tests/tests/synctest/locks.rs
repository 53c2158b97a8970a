//! Locks in a bubble: not durable, as in Go, or by wish (SEMANTICS W3, W11; WANTS 52).

use crate::SECOND;
use crate::field::on_each;
use gaggle::sync::{BareMutex, Mutex, RwMutex};
use gaggle::synctest::Bubble;
use gaggle::{go, spawn, synctest, time};
use std::sync::Arc;

/// W11's program, with locks that count: it does not stall.
#[test]
fn a_lock_across_a_sleep_does_not_stall_by_wish() {
    on_each(|| {
        Bubble::new().durable_locks().test(|| {
            let (begin, lock) = (time::now(), Arc::new(Mutex::new(0)));
            for _ in 0..5 {
                let lock = Arc::clone(&lock);
                go(move || {
                    let mut value = lock.lock();
                    time::sleep(SECOND);
                    *value += 1;
                });
            }
            synctest::wait(); // one sleeps, four stand in line
            assert_eq!(time::now(), begin);
            time::sleep(6 * SECOND);
            assert_eq!(*lock.lock(), 5);
        });
    });
}

/// The other locks, and their time limits.
#[test]
fn all_locks_count_by_wish() {
    on_each(|| {
        Bubble::new().durable_locks().test(|| {
            let (begin, lock) = (time::now(), Arc::new(RwMutex::new(())));
            let theirs = Arc::clone(&lock);
            let writes = spawn(move || {
                let _held = theirs.write();
                time::sleep(SECOND);
            });
            synctest::wait();
            let theirs = Arc::clone(&lock);
            let reads = spawn(move || drop(theirs.read()));
            drop(lock.write());
            writes.join().unwrap();
            reads.join().unwrap();
            assert_eq!(time::since(begin), SECOND);
            let bare = Arc::new(BareMutex::new());
            bare.lock();
            assert!(!bare.lock_timeout(SECOND));
            assert_eq!(time::since(begin), 2 * SECOND);
            bare.unlock();
        });
    });
}

/// W3: without the wish a lock is not durable: the clock waits for who holds it and works.
#[test]
fn a_lock_is_not_durable() {
    on_each(|| {
        synctest::test(|| {
            let (begin, lock) = (time::now(), Arc::new(Mutex::new(())));
            let held = lock.lock();
            let theirs = Arc::clone(&lock);
            let waits = spawn(move || {
                drop(theirs.lock());
                time::now()
            });
            let sleeper = spawn(|| time::sleep(SECOND));
            (0..1000).for_each(|_| gaggle::runtime::gosched());
            assert_eq!(time::now(), begin);
            drop(held);
            assert_eq!(waits.join().unwrap(), begin);
            sleeper.join().unwrap();
        });
    });
}
