//! tokio: tasks on worker threads. It has no unbuffered channel; one value of buffer stands for none.

mod net;

use super::{Job, Runtime};
use crate::figures::Figure;
use crate::meter::Meter;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::runtime::Builder;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, yield_now};

pub(super) const RUNTIME: Runtime = Runtime { name: "tokio", shapes: SHAPES, run };

const SHAPES: &[&str] = &[
    "spawn_wait",
    "spawn_run_1m",
    "gosched_two",
    "pingpong_unbuffered",
    "oneway_cap0",
    "oneway_cap128",
    "uncontended_cap128",
    "select_two",
    "mutex_uncontended",
    "ring_1000",
    "skynet_1m",
    "echo_1",
    "echo_50",
    "echo_1000",
    "http_64",
    "http_1000",
    "kv_50",
    "kv_50_by_16",
];

fn run(job: Job) -> Vec<Figure> {
    if let Some(figures) = net::run(job) {
        return figures;
    }
    let runtime = Builder::new_multi_thread().worker_threads(job.threads).build();
    let runtime = runtime.expect("threads are to be had");
    // In a task: the thread that blocks on a future is no worker.
    let main = runtime.spawn(async move {
        if job.warm > 0 {
            shape(job.shape, job.warm).await;
        }
        let meter = Meter::start();
        shape(job.shape, job.n).await;
        meter.stop().per(job.n, "op").into()
    });
    runtime.block_on(main).expect("it ends well")
}

async fn shape(name: &str, n: u64) {
    match name {
        "spawn_wait" => spawn_wait(n).await,
        "spawn_run_1m" => spawn_run(n).await,
        "gosched_two" => gosched_two(n).await,
        "pingpong_unbuffered" => pingpong(n).await,
        "oneway_cap0" => oneway(n, 1).await,
        "oneway_cap128" => oneway(n, 128).await,
        "uncontended_cap128" => uncontended(n).await,
        "select_two" => select_two(n).await,
        "mutex_uncontended" => mutex(n).await,
        "ring_1000" => ring(n).await,
        "skynet_1m" => skynet(n).await,
        other => panic!("no shape {other}"),
    }
}

async fn join(tasks: impl IntoIterator<Item = JoinHandle<()>>) {
    for task in tasks {
        task.await.expect("it ends well");
    }
}

async fn spawn_wait(n: u64) {
    let mut left = n;
    while left > 0 {
        let batch = left.min(1000);
        let tasks: Vec<_> = (0..batch).map(|_| tokio::spawn(async {})).collect();
        join(tasks).await;
        left -= batch;
    }
}

async fn spawn_run(n: u64) {
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

async fn gosched_two(n: u64) {
    let yields = |count| {
        tokio::spawn(async move {
            for _ in 0..count {
                yield_now().await;
            }
        })
    };
    join([yields(n / 2), yields(n - n / 2)]).await;
}

async fn pingpong(n: u64) {
    let (ping, mut there) = mpsc::channel::<u64>(1);
    let (back, mut pong) = mpsc::channel::<u64>(1);
    tokio::spawn(async move {
        while let Some(value) = there.recv().await {
            back.send(value + 1).await.expect("somebody listens");
        }
    });
    let mut value = 0;
    for _ in 0..n {
        ping.send(value).await.expect("somebody listens");
        value = pong.recv().await.expect("the partner answers");
    }
    assert_eq!(value, n);
}

async fn oneway(n: u64, cap: usize) {
    let (out, mut values) = mpsc::channel::<u64>(cap);
    tokio::spawn(async move {
        for i in 0..n {
            out.send(i).await.expect("somebody listens");
        }
    });
    let mut sum = 0;
    while let Some(value) = values.recv().await {
        sum += value;
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

async fn uncontended(n: u64) {
    let (out, mut values) = mpsc::channel::<u64>(128);
    let mut sum = 0;
    for i in 0..n {
        out.send(i).await.expect("it is open");
        sum += values.recv().await.expect("it is open");
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

async fn select_two(n: u64) {
    let (odd, mut odds) = mpsc::channel::<u64>(1);
    let (even, mut evens) = mpsc::channel::<u64>(1);
    for (first, out) in [(0, even), (1, odd)] {
        tokio::spawn(async move {
            for i in (first..n).step_by(2) {
                out.send(i).await.expect("somebody listens");
            }
        });
    }
    let mut sum = 0;
    for _ in 0..n {
        sum += tokio::select! {
            Some(value) = odds.recv() => value,
            Some(value) = evens.recv() => value,
        };
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

async fn mutex(n: u64) {
    let count = Mutex::new(0);
    for _ in 0..n {
        *count.lock().await += 1;
    }
    assert_eq!(count.into_inner(), n);
}

const MEMBERS: u64 = 1000;

async fn ring(n: u64) {
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

async fn skynet(n: u64) {
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
