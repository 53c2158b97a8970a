//! Starting goroutines that run to their end.

use super::{Shape, Weight, Work};
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Uint64;
use gaggle::{Chan, chan};
use std::sync::Arc;

const BATCH: u64 = 1000;

pub(super) static SHAPES: [Shape; 2] = [
    Shape {
        name: "spawn_wait",
        about: "start and end one goroutine of a WaitGroup, a thousand at a time",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Warm(spawn_wait),
    },
    Shape {
        name: "spawn_run_1m",
        about: "start and end one of a million goroutines, from a cold start",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Cold(spawn_run_1m),
    },
];

fn spawn_wait(n: u64) {
    let mut left = n;
    while left > 0 {
        let batch = left.min(BATCH);
        let wg = WaitGroup::new();
        for _ in 0..batch {
            wg.go(|| {});
        }
        wg.wait(); // the check: it returns only when every one of the batch is done
        left -= batch;
    }
}

/// What the goroutines of `spawn_run_1m` share.
struct Tally {
    sum: Uint64,
    ended: Uint64,
    done: Chan<()>,
}

fn spawn_run_1m(n: u64) {
    let tally = Tally { sum: Uint64::new(0), ended: Uint64::new(0), done: chan(0) };
    let tally = Arc::new(tally);
    for i in 0..n {
        let tally = Arc::clone(&tally);
        gaggle::go(move || {
            tally.sum.add(i);
            if tally.ended.add(1) == n {
                tally.done.close();
            }
        });
    }
    assert_eq!(tally.done.recv(), None);
    assert_eq!(tally.sum.load(), n * (n - 1) / 2);
}
