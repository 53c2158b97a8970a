//! From src/sync/mutex_test.go.

use crate::support::{Signals, go};
use gaggle_gopark::{self as gopark, WaitReason};
use gaggle_lock::nanotime;
use gaggle_sudog::sema::{self, Handoff, Order};
use gaggle_sync::BareMutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Ten goroutines, each running `hammer`; returns when all have finished.
fn ten(hammer: impl Fn() + Send + Sync + 'static) {
    let (hammer, done) = (Arc::new(hammer), Signals::default());
    for _ in 0..10 {
        let (hammer, done) = (Arc::clone(&hammer), done.clone());
        go(move || {
            hammer();
            done.send();
        });
    }
    (0..10).for_each(|_| done.recv());
}

/// TestSemaphore.
pub fn test_semaphore() {
    let word = Arc::new(AtomicU32::new(1));
    let theirs = Arc::clone(&word);
    ten(move || {
        for _ in 0..1000 {
            let mut section = gopark::enter();
            sema::acquire(&mut section, &theirs, WaitReason::Semacquire, Order::Fifo);
            sema::release(&mut section, &theirs, Handoff::No);
        }
    });
    assert_eq!(word.load(Ordering::Relaxed), 1);
}

/// TestMutex (K2, K4).
pub fn test_mutex() {
    let m = Arc::new(BareMutex::new());
    m.lock();
    assert!(!m.try_lock(), "try_lock succeeded with the mutex locked");
    m.unlock();
    assert!(m.try_lock(), "try_lock failed with the mutex unlocked");
    m.unlock();
    ten(move || {
        for i in 0..1000 {
            if i % 3 == 0 {
                if m.try_lock() {
                    m.unlock();
                }
                continue;
            }
            m.lock();
            m.unlock();
        }
    });
}

/// The misuses of TestMutexMisuse: each must end the process (K3, B16).
pub const MISUSES: [(&str, fn()); 2] = [
    ("Mutex.Unlock", || BareMutex::new().unlock()),
    ("Mutex.Unlock2", || {
        let m = BareMutex::new();
        m.lock();
        m.unlock();
        m.unlock();
    }),
];

/// TestMutexFairness (K9): a hog holds the mutex for 100 us, again and again, and stops at its
/// hundred-thousandth time, ten seconds' worth; by then the other must have had it ten times.
pub fn test_mutex_fairness() {
    let m = Arc::new(BareMutex::new());
    let stop = Arc::new(AtomicBool::new(false));
    let (theirs, told, done) = (Arc::clone(&m), Arc::clone(&stop), Signals::default());
    let hog_done = done.clone();
    let starved = Arc::new(AtomicBool::new(false));
    let failed = Arc::clone(&starved);
    go(move || {
        let mut rounds = 0;
        while !told.load(Ordering::Relaxed) && rounds < 100_000 {
            theirs.lock();
            spend(100_000);
            theirs.unlock();
            rounds += 1;
        }
        failed.store(rounds == 100_000, Ordering::Relaxed);
        hog_done.send();
    });
    for _ in 0..10 {
        spend(100_000);
        m.lock();
        m.unlock();
    }
    stop.store(true, Ordering::Relaxed);
    done.recv();
    assert!(!starved.load(Ordering::Relaxed), "can not acquire Mutex in 10 seconds");
}

fn spend(ns: u64) {
    let until = nanotime() + ns;
    while nanotime() < until {
        std::hint::spin_loop();
    }
}
