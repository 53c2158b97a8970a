//! Tasks that run to their end.

use super::join;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

pub(super) async fn wait(n: u64) {
    let mut left = n;
    while left > 0 {
        let batch = left.min(1000);
        let tasks: Vec<_> = (0..batch).map(|_| tokio::spawn(async {})).collect();
        join(tasks).await;
        left -= batch;
    }
}

pub(super) async fn run(n: u64) {
    let sum = Arc::new(AtomicU64::new(0));
    let add = |i| {
        let sum = Arc::clone(&sum);
        // AcqRel: as strong as ours beside it.
        tokio::spawn(async move { _ = sum.fetch_add(i, Ordering::AcqRel) })
    };
    let tasks: Vec<_> = (0..n).map(add).collect();
    join(tasks).await;
    assert_eq!(sum.load(Ordering::Acquire), n * (n - 1) / 2); // Acquire: of the additions above
}

/// A chain of `n` tasks, each of which starts the next; the last one says so.
fn chain(n: u64, done: mpsc::Sender<()>) {
    tokio::spawn(async move {
        match n {
            0 => done.send(()).await.expect("somebody waits"),
            _ => chain(n - 1, done),
        }
    });
}

pub(super) async fn chains(count: u64, n: u64) {
    let (done, mut ends) = mpsc::channel(1);
    (0..count).for_each(|_| chain(n / count, done.clone()));
    for _ in 0..count {
        assert_eq!(ends.recv().await, Some(()));
    }
}

pub(super) async fn capture(n: u64) {
    for _ in 0..n {
        let shared = Arc::new(());
        let four = [(); 4].map(|()| tokio::spawn(keep(Arc::clone(&shared))));
        join(four).await;
    }
}

async fn keep<T>(shared: T) {
    drop(shared);
}

pub(super) async fn single(n: u64) {
    let tasks: Vec<_> = (0..n).map(|_| tokio::spawn(async {})).collect();
    join(tasks).await;
}

const STARTERS: u64 = 100;

pub(super) async fn storm(n: u64) {
    let (sum, each) = (Arc::new(AtomicU64::new(0)), n.div_ceil(STARTERS));
    let starters = (0..STARTERS).map(|starter| {
        let sum = Arc::clone(&sum);
        tokio::spawn(async move {
            let add = |number: u64| {
                let sum = Arc::clone(&sum);
                // AcqRel: as strong as ours beside it.
                tokio::spawn(
                    async move { _ = sum.fetch_add((0..number % 50).sum(), Ordering::AcqRel) },
                )
            };
            let last = n.min((starter + 1) * each);
            let tasks: Vec<_> = (starter * each..last).map(add).collect();
            join(tasks).await;
        })
    });
    let starters: Vec<_> = starters.collect();
    join(starters).await;
    let exact: u64 = (0..n).map(|number| (0..number % 50).sum::<u64>()).sum();
    assert_eq!(sum.load(Ordering::Acquire), exact); // Acquire: of the additions above
}
