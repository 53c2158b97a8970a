//! A storm over one reader/writer mutex, and the look at what it leaves.
#![cfg(not(loom))]

use core::fmt;
use gaggle_sync::RawRwMutex;
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Nobody has it, nobody waits for it, and no token lies about.
#[track_caller]
pub(crate) fn assert_idle(m: &impl fmt::Debug) {
    let state = format!("{m:?}");
    let idle = "writer: false, readers: 0, waiting_readers: 0, waiting_writer: false, ";
    let all = [idle, "readers_apart: 0, ", "tokens: (0, 0)"];
    assert!(all.iter().all(|part| state.contains(part)), "{state}");
}

/// Six threads lock, try and give up; each calls `before` with a random number before each of its turns.
pub(crate) fn storm(before: fn(&RawRwMutex, u64)) {
    let m = Arc::new((RawRwMutex::new(), AtomicU64::new(0)));
    let threads: Vec<_> = (1..=6)
        .map(|n| {
            let seed = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(n);
            println!("seed {seed}");
            let m = Arc::clone(&m);
            thread::spawn(move || turns(&m.0, &m.1, seed, before))
        })
        .collect();
    let total: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(m.1.load(Ordering::Relaxed), total);
    assert_idle(&m.0);
    assert!(m.0.try_lock());
}

/// How often this thread wrote.
fn turns(m: &RawRwMutex, value: &AtomicU64, mut seed: u64, before: fn(&RawRwMutex, u64)) -> u64 {
    let mut wrote = 0;
    for _ in 0..20_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        before(m, seed);
        if reads(m, seed) {
            let seen = value.load(Ordering::Relaxed);
            (0..seed >> 58).for_each(|_| spin_loop());
            assert_eq!(value.load(Ordering::Relaxed), seen, "a writer beside a reader");
            m.runlock();
        } else if writes(m, seed) {
            // Not one addition: two writers at a time would lose some.
            let seen = value.load(Ordering::Relaxed);
            (0..seed >> 58).for_each(|_| spin_loop());
            value.store(seen + 1, Ordering::Relaxed);
            wrote += 1;
            m.unlock();
        }
    }
    wrote
}

/// A deadline of up to 262 us.
fn soon(seed: u64) -> u64 {
    gaggle_lock::nanotime() + (seed >> 46)
}

fn reads(m: &RawRwMutex, seed: u64) -> bool {
    match seed % 10 {
        0..=3 => {
            m.rlock();
            true
        }
        4 => m.try_rlock(),
        5 => m.rlock_until(soon(seed)),
        _ => false,
    }
}

fn writes(m: &RawRwMutex, seed: u64) -> bool {
    match seed % 10 {
        6 | 7 => {
            m.lock();
            true
        }
        8 => m.try_lock(),
        9 => m.lock_until(soon(seed)),
        _ => false,
    }
}
