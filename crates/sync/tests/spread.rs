//! Readers that are kept apart (WANTS 23): the rules of the reader/writer mutex hold all the same.
#![cfg(not(loom))]

#[path = "support/readers_and_writers.rs"]
mod readers_and_writers;
mod support;

use gaggle_sync::{RawRwMutex, RwMutex};
use readers_and_writers::{assert_idle, storm};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use support::waiting::{start, until_waiting};

fn is_spread(m: &RawRwMutex) -> bool {
    format!("{m:?}").contains("spread: true")
}

fn has_processors() -> bool {
    thread::available_parallelism().is_ok_and(|count| count.get() > 1)
}

fn spread() -> Arc<RawRwMutex> {
    let m = Arc::new(RawRwMutex::new());
    m.spread();
    assert_eq!(is_spread(&m), has_processors());
    m
}

fn assert_quiet(m: &RawRwMutex) {
    assert_idle(m);
    assert!(!m.is_locked() && m.try_lock());
    assert!(m.is_locked() && m.is_locked_exclusive() && !is_spread(m));
    m.unlock();
}

/// L1, L5: who is in a slot counts like any other reader.
#[test]
fn a_reader_apart_is_a_reader() {
    let m = spread();
    m.rlock();
    assert!(m.is_locked() && !m.is_locked_exclusive());
    assert!(!m.try_lock() && m.try_rlock(), "L5");
    assert!(!m.lock_until(1), "a deadline that is over");
    assert!(m.try_rlock(), "the writer that gave up keeps nobody out");
    (0..3).for_each(|_| m.runlock());
    assert_quiet(&m);
}

/// Whoever unlocks, and wherever it runs.
#[test]
fn another_may_unlock() {
    let m = spread();
    (0..100).for_each(|_| m.rlock());
    let others: Vec<_> = (0..10)
        .map(|_| {
            let m = Arc::clone(&m);
            thread::spawn(move || (0..10).for_each(|_| m.runlock()))
        })
        .collect();
    others.into_iter().for_each(|other| other.join().unwrap());
    assert_quiet(&m);
}

/// L2, L3: a writer waits for those who are there, and keeps later ones out until it is done.
#[test]
fn a_writer_gathers_readers_and_keeps_new_ones_out() {
    let m = spread();
    m.rlock();
    m.rlock();
    let theirs = Arc::clone(&m);
    let writer = start(move || theirs.lock());
    until_waiting(&writer);
    assert!(!m.try_rlock() && !m.try_lock(), "L2, L5");
    let theirs = Arc::clone(&m);
    let reader = start(move || theirs.rlock());
    until_waiting(&reader);
    m.runlock();
    m.runlock();
    writer.1.join().unwrap();
    assert!(!reader.1.is_finished(), "a reader beside a writer");
    m.unlock();
    reader.1.join().unwrap();
    m.runlock();
    assert_quiet(&m);
}

/// Readers that are in each other's way are kept apart without being asked for it, and a writer ends that.
#[test]
fn crowded_readers_spread_by_themselves_and_a_writer_gathers_them() {
    let m = Arc::new(RwMutex::new(0_u64));
    // SAFETY: looked at only.
    let is_spread_now = |m: &RwMutex<u64>| is_spread(unsafe { m.raw() });
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (m, stop) = (Arc::clone(&m), Arc::clone(&stop));
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    (0..1000).for_each(|_| drop(m.read()));
                }
            })
        })
        .collect();
    let start = std::time::Instant::now();
    // On one processor they may never meet.
    while has_processors() && !is_spread_now(&m) {
        assert!(start.elapsed() < Duration::from_secs(120), "they never collided");
        thread::yield_now();
    }
    *m.write() += 1;
    stop.store(true, Ordering::Relaxed);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert_eq!(*m.read(), 1);
}

#[test]
fn a_storm_in_which_it_spreads_all_the_time_excludes_and_ends_quiet() {
    storm(|m, turn| {
        if turn.is_multiple_of(16) {
            m.spread();
        }
    });
}

/// L4: also of a spread mutex, one unlock too many is fatal, and nothing catches it.
#[test]
fn one_unlock_too_many_is_fatal() {
    const NAME: &str = "one_unlock_too_many_is_fatal";
    if let Some(case) = support::case() {
        let m = spread();
        let misuse = move || match &*case {
            "runlock" => m.runlock(),
            "runlock_after" => {
                m.rlock();
                m.runlock();
                m.runlock();
            }
            "unlock" => m.unlock(),
            _ => {
                m.rlock();
                m.unlock();
            }
        };
        _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(misuse));
        std::process::exit(0);
    }
    for (case, words) in [
        ("runlock", "sync: RUnlock of unlocked RWMutex"),
        ("runlock_after", "sync: RUnlock of unlocked RWMutex"),
        ("unlock", "sync: Unlock of unlocked RWMutex"),
        ("unlock_read", "sync: Unlock of unlocked RWMutex"),
    ] {
        let output = support::child(NAME, case);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{case}: {text}");
        assert!(text.contains(&format!("fatal error: {words}\n")), "{case}: {text}");
    }
}
