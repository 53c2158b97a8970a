//! What Go's tests do not say about the reader/writer mutex: phases, deadlines, guards, the words after a
//! storm.
#![cfg(not(loom))]

#[path = "support/readers_and_writers.rs"]
mod readers_and_writers;
mod support;

use gaggle_gopark::WaitReason;
use gaggle_sync::{
    ArcRwMutexWriteGuard, BareRwMutex, RwMutex, RwMutexReadGuard, RwMutexWriteGuard,
};
use readers_and_writers::{assert_idle, storm};
use static_assertions::{assert_impl_all, const_assert};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;
use support::waiting::{start, until_waiting};

assert_impl_all!(RwMutexReadGuard<'static, u32>: Send, Sync);
assert_impl_all!(RwMutexWriteGuard<'static, u32>: Send, Sync);
const_assert!(gaggle_race::ON || size_of::<BareRwMutex>() == 32);

const LONG: Duration = Duration::from_secs(100);
const SHORT: Duration = Duration::from_millis(1);

fn assert_quiet(m: &BareRwMutex) {
    assert_idle(m);
    assert!(m.try_lock());
    m.unlock();
}

/// AA6: the writer at the front waits for the holder; one behind it waits for its place, and says so.
#[test]
fn a_writer_behind_another_waits_for_the_line() {
    let m = Arc::new(BareRwMutex::new());
    m.lock();
    let lock = || {
        let m = Arc::clone(&m);
        let writer = start(move || {
            m.lock();
            m.unlock();
        });
        until_waiting(&writer);
        writer
    };
    let (first, second) = (lock(), lock());
    let reasons = [&first, &second].map(|writer| writer.0.reason());
    assert_eq!(reasons, [WaitReason::RwMutexLock, WaitReason::MutexLock].map(Some));
    m.unlock();
    first.1.join().unwrap();
    second.1.join().unwrap();
    assert_quiet(&m);
}

#[test]
fn a_writer_that_waits_keeps_new_readers_out_and_the_phases_alternate() {
    let m = Arc::new((BareRwMutex::new(), AtomicU64::new(0)));
    m.0.rlock();
    let theirs = Arc::clone(&m);
    let writer = start(move || {
        theirs.0.lock();
        theirs.1.store(1, Ordering::Relaxed);
    });
    until_waiting(&writer);
    assert_eq!(writer.0.reason(), Some(WaitReason::RwMutexLock)); // L7
    assert!(!m.0.try_rlock() && !m.0.try_lock(), "L2, L5");
    let theirs = Arc::clone(&m);
    let reader = start(move || {
        theirs.0.rlock();
        theirs.1.load(Ordering::Relaxed)
    });
    until_waiting(&reader);
    assert_eq!(reader.0.reason(), Some(WaitReason::RwMutexRLock)); // L7
    m.0.runlock(); // the writer waits for this one only (L3)
    writer.1.join().unwrap();
    let theirs = Arc::clone(&m);
    let second = start(move || theirs.0.lock());
    until_waiting(&second);
    m.0.unlock(); // the reader that queued comes before the next writer (L3)
    assert_eq!(reader.1.join().unwrap(), 1);
    assert!(!second.1.is_finished(), "a writer beside a reader");
    m.0.runlock();
    second.1.join().unwrap();
    m.0.unlock();
    assert_quiet(&m.0);
}

#[test]
fn what_times_out_leaves_no_trace() {
    let m = BareRwMutex::new();
    m.lock();
    assert!(!m.rlock_timeout(Duration::ZERO) && !m.rlock_timeout(SHORT));
    assert!(!m.lock_timeout(Duration::ZERO) && !m.lock_timeout(SHORT));
    m.unlock();
    assert_quiet(&m);
    m.rlock();
    assert!(!m.lock_timeout(Duration::ZERO) && !m.lock_timeout(SHORT));
    assert!(m.try_rlock(), "the writer that gave up no longer keeps readers out");
    assert!(m.rlock_timeout(Duration::ZERO), "a free mutex needs no time");
    (0..3).for_each(|_| m.runlock());
    assert!(m.lock_timeout(Duration::ZERO), "a free mutex needs no time");
    m.unlock();
    assert_quiet(&m);
}

#[test]
fn a_writer_that_gives_up_lets_in_those_it_kept_out() {
    let m = Arc::new(BareRwMutex::new());
    m.rlock();
    let theirs = Arc::clone(&m);
    let writer = start(move || theirs.lock_timeout(Duration::from_millis(50)));
    until_waiting(&writer);
    let theirs = Arc::clone(&m);
    let reader = start(move || theirs.rlock_timeout(LONG));
    assert!(reader.1.join().unwrap(), "nobody unlocked: the deadline let it in");
    assert!(!writer.1.join().unwrap());
    m.runlock();
    m.runlock();
    assert_quiet(&m);
}

#[test]
fn timed_waiters_are_woken() {
    let m = Arc::new(BareRwMutex::new());
    m.lock();
    let theirs = Arc::clone(&m);
    let reader = start(move || theirs.rlock_timeout(LONG));
    until_waiting(&reader);
    m.unlock();
    assert!(reader.1.join().unwrap());
    let theirs = Arc::clone(&m);
    let writer = start(move || theirs.lock_timeout(LONG));
    until_waiting(&writer);
    m.runlock();
    assert!(writer.1.join().unwrap());
    m.unlock();
    assert_quiet(&m);
}

#[test]
fn a_storm_of_readers_writers_tries_and_deadlines_excludes_and_ends_quiet() {
    storm(|_, _| {});
}

#[test]
fn guards_map_travel_and_keep_the_mutex_alive() {
    let m = Arc::new(RwMutex::new((1, 2)));
    let guard = RwMutexWriteGuard::map(m.write(), |pair| &mut pair.1);
    assert!(m.try_read().is_none());
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut guard = guard;
            *guard += 1;
        });
    });
    let read = RwMutexReadGuard::map(m.read(), |pair| &pair.1);
    assert_eq!((*read, m.try_write().is_none()), (3, true));
    drop(read);
    assert!(m.try_read_for(Duration::ZERO).is_some() && m.try_write_for(Duration::ZERO).is_some());
    let guard: ArcRwMutexWriteGuard<_> = m.write_arc();
    drop(m);
    assert_eq!(*guard, (1, 3));
}
