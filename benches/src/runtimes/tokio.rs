//! tokio: tasks on worker threads. It has no unbuffered channel; one value of buffer stands for none.

mod among;
mod countdown;
mod crowd;
mod net;
mod programs;
mod spawn;

use super::{Job, Runtime};
use crate::figures::Figure;
use crate::meter::Meter;
use std::hint::black_box;
use tokio::runtime::Builder;
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, yield_now};

pub(super) const RUNTIME: Runtime = Runtime { name: "tokio", shapes: SHAPES, divisor: 1, run };

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
    "select_default",
    "ring_1000",
    "skynet_1m",
    "echo_1",
    "echo_50",
    "echo_1000",
    "http_64",
    "http_1000",
    "kv_50",
    "kv_50_by_16",
    "connections",
    "connections_used",
    "create_goroutines",
    "create_parallel",
    "create_capture",
    "create_single",
    "spawn_storm",
    "tree_sum",
    "daisy_chain",
    "prime_sieve",
    "yield_among_10",
    "yield_among_1k",
    "yield_among_100k",
    "hop_among_10",
    "hop_among_1k",
    "hop_among_100k",
    "parked_1m",
    "sleepers_1m",
];

pub(super) use net::alone;

fn run(job: Job) -> Vec<Figure> {
    if let Some(figures) = net::run(job) {
        return figures;
    }
    let mut builder = Builder::new_multi_thread();
    if job.shape == "sleepers_1m" {
        builder.enable_time(); // without it tokio parks for less
    }
    let runtime = builder.worker_threads(job.threads).build();
    let runtime = runtime.expect("threads are to be had");
    // In a task: the thread that blocks on a future is no worker.
    let main = runtime.spawn(async move {
        if let Some(figures) = among::shape(job.shape, job.n).await {
            return figures;
        }
        if let Some(figures) = crowd::shape(job.shape, job.n).await {
            return figures;
        }
        if job.warm > 0 {
            shape(job.shape, job.warm, job.threads).await;
        }
        let meter = Meter::start();
        shape(job.shape, job.n, job.threads).await;
        meter.stop().per(job.n, "op").into()
    });
    runtime.block_on(main).expect("it ends well")
}

async fn shape(name: &str, n: u64, threads: usize) {
    match name {
        "spawn_wait" => spawn::wait(n).await,
        "spawn_run_1m" => spawn::run(n).await,
        "create_goroutines" => spawn::chains(1, n).await,
        "create_parallel" => spawn::chains(threads as u64, n).await,
        "create_capture" => spawn::capture(n).await,
        "create_single" => spawn::single(n).await,
        "spawn_storm" => spawn::storm(n).await,
        "gosched_two" => gosched_two(n).await,
        "pingpong_unbuffered" => pingpong(n).await,
        "oneway_cap0" => oneway(n, 1).await,
        "oneway_cap128" => oneway(n, 128).await,
        "uncontended_cap128" => uncontended(n).await,
        "select_two" => select_two(n).await,
        "select_default" => select_default(n),
        "mutex_uncontended" => mutex(n).await,
        "ring_1000" => programs::ring(n).await,
        "skynet_1m" => programs::skynet(n).await,
        "tree_sum" => programs::tree_sum(n).await,
        "daisy_chain" => programs::daisy_chain(n).await,
        "prime_sieve" => programs::prime_sieve(n).await,
        other => panic!("no shape {other}"),
    }
}

async fn join(tasks: impl IntoIterator<Item = JoinHandle<()>>) {
    for task in tasks {
        task.await.expect("it ends well");
    }
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

/// Its way to look without waiting.
fn select_default(n: u64) {
    let (_open, values) = mpsc::channel::<u64>(1);
    let mut values = black_box(values);
    assert!((0..n).all(|_| values.try_recv().is_err()));
}
