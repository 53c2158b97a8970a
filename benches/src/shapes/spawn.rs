//! Starting goroutines that run to their end.

use super::{Shape, Weight, Work};
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Uint64;
use gaggle::{Chan, chan};
use std::sync::Arc;

const BATCH: u64 = 1000;

pub(super) static SHAPES: [Shape; 6] = [
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
    Shape {
        name: "create_goroutines",
        about: "each goroutine starts the next and ends",
        n: 2_000_000,
        weight: Weight::Light,
        work: Work::Warm(create_goroutines),
    },
    Shape {
        name: "create_parallel",
        about: "the same, one such chain for each P",
        n: 2_000_000,
        weight: Weight::Light,
        work: Work::Warm(create_parallel),
    },
    Shape {
        name: "create_capture",
        about: "start four goroutines that share a wait group, and wait",
        n: 500_000,
        weight: Weight::Light,
        work: Work::Warm(create_capture),
    },
    Shape {
        name: "create_single",
        about: "one goroutine starts all, others may steal",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Warm(create_single),
    },
];

/// A chain of `n` goroutines, each of which starts the next; the last one says so.
fn chain(n: u64, done: Chan<()>) {
    if n == 0 {
        return done.send(());
    }
    gaggle::go(move || chain(n - 1, done));
}

fn chains(count: u64, n: u64) {
    let done = chan(0);
    for _ in 0..count {
        let done = done.clone();
        gaggle::go(move || chain(n / count, done));
    }
    (0..count).for_each(|_| assert_eq!(done.recv(), Some(())));
}

fn create_goroutines(n: u64) {
    chains(1, n);
}

fn create_parallel(n: u64) {
    chains(gaggle::runtime::gomaxprocs(0) as u64, n);
}

fn create_capture(n: u64) {
    for _ in 0..n {
        let wg = WaitGroup::new();
        wg.add(4);
        for _ in 0..4 {
            let wg = wg.clone();
            gaggle::go(move || wg.done());
        }
        wg.wait();
    }
}

fn create_single(n: u64) {
    let wg = WaitGroup::new();
    wg.add(i32::try_from(n).expect("a million"));
    for _ in 0..n {
        let wg = wg.clone();
        gaggle::go(move || wg.done());
    }
    wg.wait();
}

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
