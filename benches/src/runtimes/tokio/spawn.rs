//! Tasks that run to their end.

use super::countdown::Countdown;
use crate::shapes::programs::below;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc;

pub(super) async fn wait(n: u64) {
    let mut left = n;
    while left > 0 {
        let batch = left.min(1000);
        single(batch).await;
        left -= batch;
    }
}

pub(super) async fn run(n: u64) {
    let all = Countdown::of(n, AtomicU64::new(0));
    for i in 0..n {
        let all = Arc::clone(&all);
        tokio::spawn(async move {
            all.shared.fetch_add(i, Ordering::AcqRel); // AcqRel: as strong as ours beside it
            all.done();
        });
    }
    all.wait().await;
    assert_eq!(all.shared.load(Ordering::Acquire), n * (n - 1) / 2); // Acquire: of the additions above
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
        single(4).await;
    }
}

pub(super) async fn single(n: u64) {
    let all = Countdown::of(n, ());
    for _ in 0..n {
        let all = Arc::clone(&all);
        tokio::spawn(async move { all.done() });
    }
    all.wait().await;
}

const STARTERS: u64 = 100;

pub(super) async fn storm(n: u64) {
    let each = n.div_ceil(STARTERS);
    let all = Countdown::of(STARTERS + n, AtomicU64::new(0));
    for starter in 0..STARTERS {
        let all = Arc::clone(&all);
        tokio::spawn(async move {
            for number in starter * each..n.min((starter + 1) * each) {
                let all = Arc::clone(&all);
                tokio::spawn(async move {
                    // AcqRel: as strong as ours beside it.
                    all.shared.fetch_add(below(number % 50), Ordering::AcqRel);
                    all.done();
                });
            }
            all.done();
        });
    }
    all.wait().await;
    let exact: u64 = (0..n).map(|number| below(number % 50)).sum();
    assert_eq!(all.shared.load(Ordering::Acquire), exact); // Acquire: of the additions above
}
