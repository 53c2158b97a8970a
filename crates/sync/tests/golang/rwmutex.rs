//! From src/sync/rwmutex_test.go.

use crate::support::{Signals, go};
use gaggle_sync::{BareRwMutex, Locker, RLocker};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

fn parallel_reader(m: &BareRwMutex, locked: &Signals, unlock: &Signals, done: &Signals) {
    m.rlock();
    locked.send();
    unlock.recv();
    m.runlock();
    done.send();
}

/// TestParallelReaders (L1): so many hold it at once.
pub fn test_parallel_readers() {
    for readers in [1, 3, 4] {
        let m = Arc::new(BareRwMutex::new());
        let [locked, unlock, done] = [(); 3].map(|()| Signals::default());
        for _ in 0..readers {
            let (m, locked, unlock, done) =
                (Arc::clone(&m), locked.clone(), unlock.clone(), done.clone());
            go(move || parallel_reader(&m, &locked, &unlock, &done));
        }
        (0..readers).for_each(|_| locked.recv());
        (0..readers).for_each(|_| unlock.send());
        (0..readers).for_each(|_| done.recv());
    }
}

/// Readers add one and writers ten thousand: what is there shows who holds it.
fn reader(m: &BareRwMutex, activity: &AtomicI32, rounds: u32) {
    for _ in 0..rounds {
        m.rlock();
        let now = activity.fetch_add(1, Ordering::Relaxed) + 1;
        assert!((1..10_000).contains(&now), "a reader beside {now}");
        (0..100).for_each(|_| std::hint::spin_loop());
        activity.fetch_sub(1, Ordering::Relaxed);
        m.runlock();
    }
}

fn writer(m: &BareRwMutex, activity: &AtomicI32, rounds: u32) {
    for _ in 0..rounds {
        m.lock();
        let now = activity.fetch_add(10_000, Ordering::Relaxed) + 10_000;
        assert_eq!(now, 10_000, "a writer beside others");
        (0..100).for_each(|_| std::hint::spin_loop());
        activity.fetch_sub(10_000, Ordering::Relaxed);
        m.unlock();
    }
}

fn hammer(readers: u32, rounds: u32) {
    let shared = Arc::new((BareRwMutex::new(), AtomicI32::new(0)));
    let done = Signals::default();
    let start = |who: fn(&BareRwMutex, &AtomicI32, u32)| {
        let (shared, done) = (Arc::clone(&shared), done.clone());
        go(move || {
            who(&shared.0, &shared.1, rounds);
            done.send();
        });
    };
    start(writer);
    (0..readers / 2).for_each(|_| start(reader));
    start(writer);
    (readers / 2..readers).for_each(|_| start(reader));
    (0..readers + 2).for_each(|_| done.recv());
}

/// TestRWMutex (L1, L5).
pub fn test_rw_mutex() {
    let m = BareRwMutex::new();
    m.lock();
    assert!(!m.try_lock(), "try_lock succeeded with the mutex locked");
    assert!(!m.try_rlock(), "try_rlock succeeded with the mutex locked");
    m.unlock();
    assert!(m.try_lock(), "try_lock failed with the mutex unlocked");
    m.unlock();
    assert!(m.try_rlock(), "try_rlock failed with the mutex unlocked");
    assert!(m.try_rlock(), "try_rlock failed with the mutex read-locked");
    assert!(!m.try_lock(), "try_lock succeeded with the mutex read-locked");
    m.runlock();
    m.runlock();
    for readers in [1, 3, 10] {
        hammer(readers, 500);
    }
}

/// TestRLocker (L6).
pub fn test_r_locker() {
    let m: &'static BareRwMutex = Box::leak(Box::new(BareRwMutex::new()));
    let reader: RLocker<'static> = m.rlocker();
    let (wlocked, rlocked) = (Signals::default(), Signals::default());
    let (tell, told) = (wlocked.clone(), rlocked.clone());
    const N: u32 = 10;
    go(move || {
        for _ in 0..N {
            reader.lock();
            reader.lock();
            rlocked.send();
            m.lock();
            wlocked.send();
        }
    });
    for _ in 0..N {
        told.recv();
        reader.unlock();
        assert!(!tell.try_recv(), "RLocker() didn't read-lock it");
        reader.unlock();
        tell.recv();
        assert!(!m.try_rlock(), "RLocker() didn't respect the write lock");
        m.unlock();
    }
}

/// The misuses of TestMutexMisuse: each must end the process (L4, B16).
pub const MISUSES: [(&str, fn(), &str); 6] = [
    ("RWMutex.Unlock", || BareRwMutex::new().unlock(), WRITE),
    (
        "RWMutex.Unlock2",
        || {
            let m = BareRwMutex::new();
            m.rlock();
            m.unlock();
        },
        WRITE,
    ),
    (
        "RWMutex.Unlock3",
        || {
            let m = BareRwMutex::new();
            m.lock();
            m.unlock();
            m.unlock();
        },
        WRITE,
    ),
    ("RWMutex.RUnlock", || BareRwMutex::new().runlock(), READ),
    (
        "RWMutex.RUnlock2",
        || {
            let m = BareRwMutex::new();
            m.lock();
            m.runlock();
        },
        READ,
    ),
    (
        "RWMutex.RUnlock3",
        || {
            let m = BareRwMutex::new();
            m.rlock();
            m.runlock();
            m.runlock();
        },
        READ,
    ),
];

const WRITE: &str = "sync: Unlock of unlocked RWMutex";
const READ: &str = "sync: RUnlock of unlocked RWMutex";
