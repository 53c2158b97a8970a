//! WaitGroup, Once, Cond, and the lines behind all of them.

use super::parallel;
use gaggle::sync::{BareMutex, Cond, Mutex, Once, OnceValue, WaitGroup};
use std::hint::black_box;
use std::sync::Arc;

pub(super) fn waitgroup_uncontended(n: u64) {
    parallel(n, 1, |share| {
        let wg = WaitGroup::new();
        for _ in 0..share {
            let wg = black_box(&wg);
            wg.add(1);
            wg.done();
            wg.wait();
        }
    });
}

pub(super) fn waitgroup_actually_wait(n: u64) {
    parallel(n, 1, |share| {
        for _ in 0..share {
            let wg = WaitGroup::new();
            wg.add(1);
            let theirs = wg.clone();
            gaggle::go(move || theirs.done());
            wg.wait();
        }
    });
}

pub(super) fn once(n: u64) {
    let once = Once::new();
    parallel(n, 1, move |share| {
        for _ in 0..share {
            black_box(&once).call_once(|| ());
        }
    });
}

pub(super) fn once_value(n: u64) {
    let value = OnceValue::new(|| 1_u64);
    parallel(n, 1, move |share| {
        let sum: u64 = (0..share).map(|_| *black_box(&value).get()).sum();
        assert_eq!(sum, share);
    });
}

/// What the goroutines of a barrier share.
struct Barrier {
    arrived: Mutex<Option<u64>>,
    all_here: Cond,
}

impl Barrier {
    /// One round for one of `count`; false if another has had enough of them.
    fn round(&self, count: u64) -> bool {
        let mut arrived = self.arrived.lock();
        let Some(before) = *arrived else { return false };
        if before + 1 == count {
            *arrived = Some(0);
            self.all_here.broadcast();
        } else {
            *arrived = Some(before + 1);
            self.all_here.wait(&mut arrived);
        }
        true
    }
}

pub(super) fn cond(n: u64, waiters: u64) {
    let barrier = Arc::new(Barrier { arrived: Mutex::new(Some(0)), all_here: Cond::new() });
    let wg = WaitGroup::new();
    for _ in 0..=waiters {
        let barrier = Arc::clone(&barrier);
        wg.go(move || {
            (0..n).all(|_| barrier.round(waiters + 1));
            *barrier.arrived.lock() = None;
            barrier.all_here.broadcast();
        });
    }
    wg.wait();
}

const CROWD: u64 = 8000;

/// `n` waiters in crowds.
fn crowds(n: u64, crowd: impl Fn(u64)) {
    let mut left = n;
    while left > 0 {
        let now = left.min(CROWD);
        crowd(now);
        left -= now;
    }
}

pub(super) fn one_addr(n: u64) {
    crowds(n, |count| {
        let (gate, woken) = (WaitGroup::new(), WaitGroup::new());
        gate.add(1);
        for _ in 0..count {
            let gate = gate.clone();
            woken.go(move || gate.wait());
        }
        gaggle::runtime::gosched(); // they stand in line
        gate.done();
        woken.wait();
    });
}

pub(super) fn many_addr(n: u64) {
    crowds(n, |count| {
        let gates: Arc<[BareMutex]> = (0..count).map(|_| BareMutex::new()).collect();
        let woken = WaitGroup::new();
        for at in 0..count as usize {
            gates[at].lock();
            let gates = Arc::clone(&gates);
            woken.go(move || gates[at].lock());
        }
        gaggle::runtime::gosched(); // they stand in line
        gates.iter().for_each(BareMutex::unlock);
        woken.wait();
    });
}
