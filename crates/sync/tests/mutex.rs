//! What Go's tests do not say about the mutex: deadlines, guards, the word after a storm.
#![cfg(not(loom))]

mod support;

use gaggle_gopark::WaitReason;
use gaggle_sync::{BareMutex, Mutex, MutexGuard};
use static_assertions::assert_impl_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use support::waiting::{start, until_waiting};

assert_impl_all!(MutexGuard<'static, u32>: Send, Sync);

const LONG: Duration = Duration::from_secs(100);

fn assert_quiet(m: &BareMutex) {
    let state = format!("{m:?}");
    assert!(state.contains("locked: false"), "{state}");
    assert!(state.contains("woken: false"), "{state}");
    assert!(state.contains("starving: false"), "{state}");
    assert!(state.contains("waiters: 0"), "{state}");
    assert!(state.contains("tokens: 0"), "{state}");
    assert!(m.try_lock(), "K4: {state}");
    m.unlock();
}

#[test]
fn a_waiter_shows_its_reason() {
    let m = Arc::new(BareMutex::new());
    m.lock();
    let theirs = Arc::clone(&m);
    let waiter = start(move || {
        theirs.lock();
        theirs.unlock();
    });
    until_waiting(&waiter);
    assert_eq!(waiter.0.reason(), Some(WaitReason::MutexLock)); // AA6
    m.unlock();
    waiter.1.join().unwrap();
    assert_quiet(&m);
}

#[test]
fn a_lock_that_times_out_leaves_no_trace() {
    let m = BareMutex::new();
    m.lock();
    assert!(!m.lock_timeout(Duration::ZERO));
    assert!(!m.lock_timeout(Duration::from_millis(1)));
    m.unlock();
    assert_quiet(&m);
    assert!(m.lock_timeout(Duration::ZERO), "a free mutex needs no time");
    m.unlock();
    assert_quiet(&m);
}

#[test]
fn a_timed_lock_is_woken_by_unlock() {
    let m = Arc::new(BareMutex::new());
    m.lock();
    let theirs = Arc::clone(&m);
    let waiter = start(move || theirs.lock_timeout(LONG));
    until_waiting(&waiter);
    m.unlock();
    assert!(waiter.1.join().unwrap());
    m.unlock(); // K2: whoever
    assert_quiet(&m);
}

#[test]
fn the_last_starving_waiter_may_give_up() {
    // Two waiters starve (K7); the mutex is handed to one while the other's deadline passes.
    for _ in 0..20 {
        let m = Arc::new(BareMutex::new());
        m.lock();
        let waiters = [2, 3].map(|ms| {
            let theirs = Arc::clone(&m);
            start(move || {
                let ours = theirs.lock_timeout(Duration::from_millis(ms));
                if ours {
                    theirs.unlock();
                }
            })
        });
        waiters.iter().for_each(until_waiting);
        spend(Duration::from_micros(1900));
        for _ in 0..50 {
            m.unlock();
            m.lock();
            spend(Duration::from_micros(20));
        }
        m.unlock();
        for (_, thread) in waiters {
            thread.join().unwrap();
        }
        assert_quiet(&m);
    }
}

fn spend(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        std::hint::spin_loop();
    }
}

#[test]
fn a_storm_of_locks_tries_and_deadlines_excludes_and_ends_quiet() {
    let m = Arc::new((BareMutex::new(), AtomicU64::new(0)));
    let seeds = (1..=6).map(|n| 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(n));
    let start = |seed| {
        println!("seed {seed}");
        let m = Arc::clone(&m);
        thread::spawn(move || storm(&m.0, &m.1, seed))
    };
    let threads: Vec<_> = seeds.map(start).collect();
    let total: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(m.1.load(Ordering::Relaxed), total);
    assert_quiet(&m.0);
}

/// How often this thread had the mutex.
fn storm(m: &BareMutex, value: &AtomicU64, mut seed: u64) -> u64 {
    let mut had = 0;
    for _ in 0..20_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let ours = match seed % 8 {
            0..4 => {
                m.lock();
                true
            }
            4 => m.try_lock(),
            _ => m.lock_timeout(Duration::from_nanos(seed >> 46)), // up to 262 us
        };
        if !ours {
            continue;
        }
        // Not one addition: two owners at a time would lose some.
        let seen = value.load(Ordering::Relaxed);
        if seed & (63 << 8) == 0 {
            spend(Duration::from_micros(seed >> 56));
        }
        value.store(seen + 1, Ordering::Relaxed);
        had += 1;
        m.unlock();
    }
    had
}

#[test]
fn guards_map_and_travel() {
    let m = Arc::new(Mutex::new((1, 2)));
    let guard = MutexGuard::map(m.lock(), |pair| &mut pair.1);
    assert!(m.try_lock().is_none());
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut guard = guard;
            *guard += 1;
        });
    });
    assert_eq!(*m.lock(), (1, 3));
    assert!(m.try_lock_for(Duration::ZERO).is_some());
}

#[test]
fn a_panic_does_not_poison() {
    let m = Arc::new(Mutex::new(0));
    let theirs = Arc::clone(&m);
    let panicked = thread::spawn(move || {
        let _guard = theirs.lock();
        panic!("with the mutex held");
    });
    panicked.join().unwrap_err();
    *m.lock() += 1;
    assert_eq!(*m.lock(), 1);
}
