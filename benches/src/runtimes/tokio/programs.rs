//! Small whole programs.

use std::future::Future;
use std::pin::Pin;
use tokio::sync::{mpsc, oneshot};

const MEMBERS: u64 = 1000;

pub(super) async fn ring(n: u64) {
    let (finish, mut finished) = mpsc::channel::<u64>(1);
    let (first, mut from) = mpsc::channel::<u64>(1);
    for member in 1..=MEMBERS {
        let (mut to, next) = mpsc::channel(1);
        if member == MEMBERS {
            to = first.clone();
        }
        let (mut input, finish) = (from, finish.clone());
        from = next;
        tokio::spawn(async move {
            while let Some(hops) = input.recv().await {
                if hops == 0 {
                    finish.send(member).await.expect("somebody waits");
                    break;
                }
                // The member that had the token last has gone.
                _ = to.send(hops - 1).await;
            }
        });
    }
    first.send(n).await.expect("the ring stands");
    assert_eq!(finished.recv().await, Some(n % MEMBERS + 1));
}

pub(super) async fn skynet(n: u64) {
    let (root, mut all) = mpsc::channel(1);
    tokio::spawn(leaf_or_ten(root, 0, n));
    assert_eq!(all.recv().await, Some(n * (n - 1) / 2));
}

/// In a box: a future cannot hold itself.
fn leaf_or_ten(
    to: mpsc::Sender<u64>,
    first: u64,
    end: u64,
) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let size = end - first;
        let mut sum = first;
        if size > 1 {
            let children = size.min(10);
            let (part, mut parts) = mpsc::channel(1);
            for child in 0..children {
                let start = first + size * child / children;
                let end = first + size * (child + 1) / children;
                tokio::spawn(leaf_or_ten(part.clone(), start, end));
            }
            drop(part);
            sum = 0;
            while let Some(part) = parts.recv().await {
                sum += part;
            }
        }
        to.send(sum).await.expect("somebody adds up");
    })
}

/// The middle one is a node's own, the others come from the halves below it.
fn sum(to: mpsc::Sender<u64>, first: u64, end: u64) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let middle = u64::midpoint(first, end);
        let (part, mut below) = mpsc::channel(2);
        for (first, end) in [(first, middle), (middle + 1, end)] {
            if first < end {
                tokio::spawn(sum(part.clone(), first, end));
            }
        }
        drop(part);
        let mut total = middle;
        while let Some(part) = below.recv().await {
            total += part;
        }
        to.send(total).await.expect("somebody adds up");
    })
}

pub(super) async fn tree_sum(n: u64) {
    let (root, mut all) = mpsc::channel(1);
    tokio::spawn(sum(root, 0, n));
    assert_eq!(all.recv().await, Some(n * (n - 1) / 2));
}

/// Every link adds one to what it gets from its right. One value goes through each channel: the
/// cheapest one for that.
pub(super) async fn daisy_chain(n: u64) {
    let (mut left, leftmost) = oneshot::channel::<u64>();
    for _ in 0..n {
        let (right, from) = oneshot::channel();
        tokio::spawn(async move {
            left.send(1 + from.await.expect("the chain is whole")).expect("somebody waits");
        });
        left = right;
    }
    left.send(0).expect("somebody waits");
    assert_eq!(leftmost.await, Ok(n));
}

/// Candidates go through a filter for each prime found; the first channel's end stops all.
pub(super) async fn prime_sieve(n: u64) {
    let (to, mut from) = mpsc::channel::<u64>(1);
    tokio::spawn(async move {
        for candidate in 2.. {
            if to.send(candidate).await.is_err() {
                break; // nobody counts any more
            }
        }
    });
    let mut prime = 0;
    for _ in 0..n {
        prime = from.recv().await.expect("there is always another prime");
        let (to, next) = mpsc::channel(1);
        let (mut input, of) = (from, prime);
        tokio::spawn(async move {
            while let Some(candidate) = input.recv().await {
                if candidate % of != 0 && to.send(candidate).await.is_err() {
                    break;
                }
            }
        });
        from = next;
    }
    assert!(n != 2_000 || prime == 17_389, "{prime}");
}
