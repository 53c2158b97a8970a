//! From src/sync/cond_test.go.

use crate::support::{Signals, go, yield_now};
use gaggle_sync::{BareMutex, Cond};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Default)]
struct Shared {
    m: BareMutex,
    c: Cond,
    n: AtomicU32,
}

/// TestCondSignal (O2): each signal wakes one, and no more than one.
pub fn test_cond_signal() {
    const N: u32 = 2;
    let shared = Arc::new(Shared::default());
    let (running, awake) = (Signals::default(), Signals::default());
    for _ in 0..N {
        let (shared, running, awake) = (Arc::clone(&shared), running.clone(), awake.clone());
        go(move || {
            shared.m.lock();
            running.send();
            shared.c.wait_on(&shared.m);
            awake.send();
            shared.m.unlock();
        });
    }
    (0..N).for_each(|_| running.recv());
    for _ in 0..N {
        assert!(!awake.try_recv(), "goroutine not asleep");
        shared.m.lock();
        shared.c.signal();
        shared.m.unlock();
        awake.recv();
        assert!(!awake.try_recv(), "too many goroutines awake");
    }
    shared.c.signal();
}

/// TestCondSignalGenerations (O3): who waited first is woken first.
pub fn test_cond_signal_generations() {
    const N: u32 = 100;
    let shared = Arc::new(Shared::default());
    let (running, awake) = (Signals::default(), Signals::default());
    for i in 0..N {
        let (theirs, tell, told) = (Arc::clone(&shared), running.clone(), awake.clone());
        go(move || {
            theirs.m.lock();
            tell.send();
            theirs.c.wait_on(&theirs.m);
            theirs.n.store(i + 1, Ordering::Relaxed);
            told.send();
            theirs.m.unlock();
        });
        if i > 0 {
            awake.recv();
            assert_eq!(shared.n.load(Ordering::Relaxed), i, "wrong goroutine woke up");
        }
        running.recv();
        shared.m.lock();
        shared.c.signal();
        shared.m.unlock();
    }
    awake.recv();
}

/// TestCondBroadcast (O2): each of many wakes once in each round.
pub fn test_cond_broadcast() {
    const N: u32 = 200;
    let shared = Arc::new((Shared::default(), AtomicU32::new(0)));
    let (running, awake) = (Signals::default(), Signals::default());
    for _ in 0..N {
        let (shared, running, awake) = (Arc::clone(&shared), running.clone(), awake.clone());
        go(move || {
            let Shared { m, c, n } = &shared.0;
            m.lock();
            while shared.1.load(Ordering::Relaxed) == 0 {
                running.send();
                c.wait_on(m);
                n.fetch_add(1, Ordering::Relaxed);
                awake.send();
            }
            m.unlock();
        });
    }
    let Shared { m, c, n } = &shared.0;
    for round in 0..N {
        (0..N).for_each(|_| running.recv());
        if round == N - 1 {
            m.lock();
            shared.1.store(1, Ordering::Relaxed);
            m.unlock();
        }
        assert!(!awake.try_recv(), "goroutine not asleep");
        m.lock();
        c.broadcast();
        m.unlock();
        (0..N).for_each(|_| awake.recv());
        assert_eq!(n.swap(0, Ordering::Relaxed), N, "goroutine woke up twice");
    }
    c.broadcast();
}

/// TestRace: three that hand a number on by signals.
pub fn test_race() {
    let shared = Arc::new(Shared::default());
    let done = Signals::default();
    let steps: [fn(&Shared); 3] = [first, second, third];
    for step in steps {
        let (shared, done) = (Arc::clone(&shared), done.clone());
        go(move || {
            step(&shared);
            done.send();
        });
    }
    (0..3).for_each(|_| done.recv());
}

fn first(Shared { m, c, n }: &Shared) {
    m.lock();
    n.store(1, Ordering::Relaxed);
    c.wait_on(m);
    assert_eq!(n.load(Ordering::Relaxed), 2, "want 2");
    n.store(3, Ordering::Relaxed);
    c.signal();
    m.unlock();
}

fn second(Shared { m, c, n }: &Shared) {
    m.lock();
    until(m, || n.load(Ordering::Relaxed) == 1);
    n.store(2, Ordering::Relaxed);
    c.signal();
    m.unlock();
}

fn third(Shared { m, c, n }: &Shared) {
    m.lock();
    // It may come too late for the 2, and then there is nothing to wait for.
    until(m, || n.load(Ordering::Relaxed) >= 2);
    if n.load(Ordering::Relaxed) == 2 {
        c.wait_on(m);
        assert_eq!(n.load(Ordering::Relaxed), 3, "want 3");
    }
    m.unlock();
}

/// Looks again and again, with the mutex given up in between.
fn until(m: &BareMutex, so: impl Fn() -> bool) {
    while !so() {
        m.unlock();
        yield_now();
        m.lock();
    }
}

/// TestCondSignalStealing (O3): who waits before a broadcast is woken by it, whatever those do who come
/// later.
pub fn test_cond_signal_stealing() {
    for _ in 0..1000 {
        let shared = Arc::new((Shared::default(), AtomicU32::new(0)));
        let (first_is_in, done) = (Signals::default(), Signals::default());
        let (theirs, tell, told) = (Arc::clone(&shared), first_is_in.clone(), done.clone());
        go(move || {
            theirs.0.m.lock();
            tell.send();
            theirs.0.c.wait_on(&theirs.0.m);
            theirs.0.m.unlock();
            told.send();
        });
        first_is_in.recv();
        shared.0.m.lock();
        shared.0.m.unlock();
        let (theirs, told) = (Arc::clone(&shared), done.clone());
        go(move || {
            theirs.0.m.lock();
            while theirs.1.load(Ordering::Relaxed) == 0 {
                theirs.0.c.wait_on(&theirs.0.m);
            }
            theirs.0.m.unlock();
            told.send();
        });
        let theirs = Arc::clone(&shared);
        go(move || theirs.0.c.broadcast()); // for the first, whatever the second does
        done.recv();
        shared.0.m.lock();
        shared.1.store(1, Ordering::Relaxed);
        shared.0.m.unlock();
        shared.0.c.broadcast();
        done.recv();
    }
}
