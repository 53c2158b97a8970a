//! Mutex and RwMutex.

use super::parallel;
use gaggle::sync::{BareMutex, BareRwMutex, Mutex};
use std::hint::black_box;
use std::sync::Arc;

pub(super) fn mutex_uncontended(n: u64) {
    let count = Mutex::new(0_u64);
    for _ in 0..n {
        *black_box(&count).lock() += 1;
    }
    assert_eq!(*count.lock(), n);
}

/// What a goroutine does between two turns: a hundred steps, each of which needs the one before. The factor is not shown
/// to the compiler, which makes one step of them all otherwise.
fn work(mut x: u64) -> u64 {
    let factor = black_box(6_364_136_223_846_793_005_u64);
    for _ in 0..100 {
        x = x.wrapping_mul(factor).wrapping_add(1);
    }
    x
}

fn shared_mutex(n: u64, each: u64, works: bool) {
    let shared = Arc::new((BareMutex::new(), Mutex::new(0)));
    let theirs = Arc::clone(&shared);
    parallel(n, each, move |share| {
        let mut x = 0;
        for _ in 0..share {
            theirs.0.lock();
            theirs.0.unlock();
            if works {
                x = work(x);
            }
        }
        *theirs.1.lock() += share;
        black_box(x);
    });
    assert_eq!(*shared.1.lock(), n);
}

pub(super) fn mutex(n: u64) {
    shared_mutex(n, 1, false);
}

pub(super) fn mutex_slack(n: u64) {
    shared_mutex(n, 10, false);
}

pub(super) fn mutex_work(n: u64) {
    shared_mutex(n, 1, true);
}

pub(super) fn rwmutex_uncontended(n: u64) {
    parallel(n, 1, |share| {
        let m = BareRwMutex::new();
        for _ in 0..share {
            let m = black_box(&m);
            m.rlock();
            m.rlock();
            m.runlock();
            m.runlock();
            m.lock();
            m.unlock();
        }
    });
}

fn rwmutex(n: u64, ratio: u64) {
    let m = BareRwMutex::new();
    parallel(n, 1, move |share| {
        for at in 1..=share {
            if at % ratio == 0 {
                m.lock();
                m.unlock();
            } else {
                m.rlock();
                m.runlock();
            }
        }
    });
}

pub(super) fn rwmutex_read(n: u64) {
    rwmutex(n, u64::MAX);
}

pub(super) fn rwmutex_write100(n: u64) {
    rwmutex(n, 100);
}

pub(super) fn rwmutex_write10(n: u64) {
    rwmutex(n, 10);
}
