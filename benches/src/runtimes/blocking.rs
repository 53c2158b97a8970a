//! The shapes for runtimes in whose goroutines one blocks.

mod among;
mod programs;

use super::Job;
use crate::figures::Figure;
use crate::meter::Meter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Such a runtime.
pub(super) trait Blocking: 'static {
    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Send + 'static;

    fn go(f: impl FnOnce() + Send + 'static);
    fn yield_now();
    fn chan(cap: usize) -> (Self::Sender, Self::Receiver);
    fn send(to: &Self::Sender, value: u64);
    /// The last sender has sent its last value.
    fn close(to: Self::Sender);
    /// None once the channel is closed.
    fn recv(from: &Self::Receiver) -> Option<u64>;
}

#[cfg(any(feature = "may", feature = "go-lib"))]
pub(super) const SHAPES: &[&str] = &[
    "spawn_wait",
    "spawn_run_1m",
    "gosched_two",
    "pingpong_unbuffered",
    "oneway_cap0",
    "oneway_cap128",
    "uncontended_cap128",
    "ring_1000",
    "skynet_1m",
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
    "hop_among_10",
    "hop_among_1k",
];

/// Runs a job inside a goroutine.
pub(super) fn run<R: Blocking>(job: Job) -> Vec<Figure> {
    if let Some(own) = among::shape::<R>(job.shape) {
        return own(job.n);
    }
    let shape = shape::<R>(job.shape);
    if job.warm > 0 {
        shape(job.warm);
    }
    let meter = Meter::start();
    shape(job.n);
    meter.stop().per(job.n, "op").into()
}

fn shape<R: Blocking>(name: &str) -> fn(u64) {
    match name {
        "spawn_wait" => spawn_wait::<R>,
        "spawn_run_1m" => spawn_run::<R>,
        "gosched_two" => gosched_two::<R>,
        "pingpong_unbuffered" => pingpong::<R>,
        "oneway_cap0" => |n| oneway::<R>(n, 0),
        "oneway_cap128" => |n| oneway::<R>(n, 128),
        "uncontended_cap128" => uncontended::<R>,
        "ring_1000" => programs::ring::<R>,
        "skynet_1m" => programs::skynet::<R>,
        "create_goroutines" => |n| chains::<R>(1, n),
        "create_parallel" => |n| chains::<R>(procs(), n),
        "create_capture" => create_capture::<R>,
        "create_single" => create_single::<R>,
        "spawn_storm" => programs::spawn_storm::<R>,
        "tree_sum" => programs::tree_sum::<R>,
        "daisy_chain" => programs::daisy_chain::<R>,
        "prime_sieve" => programs::prime_sieve::<R>,
        other => panic!("no shape {other}"),
    }
}

/// What the goroutines of [`start_and_wait`] share: one handle of it for each.
struct Started<R: Blocking, F> {
    f: F,
    running: AtomicU64,
    all: R::Sender,
}

/// Starts `count` goroutines and waits for all: the last of them says so.
fn start_and_wait<R: Blocking>(count: u64, f: impl Fn(u64) + Send + Sync + 'static) {
    let (all, ended) = R::chan(1);
    let started = Arc::new(Started::<R, _> { f, running: AtomicU64::new(count), all });
    for i in 0..count {
        let started = Arc::clone(&started);
        R::go(move || {
            (started.f)(i);
            // AcqRel: the last one comes after what all others did.
            if started.running.fetch_sub(1, Ordering::AcqRel) == 1 {
                R::send(&started.all, 0);
            }
        });
    }
    assert_eq!(R::recv(&ended), Some(0));
}

fn spawn_wait<R: Blocking>(n: u64) {
    let mut left = n;
    while left > 0 {
        let batch = left.min(1000);
        start_and_wait::<R>(batch, |_| ());
        left -= batch;
    }
}

fn spawn_run<R: Blocking>(n: u64) {
    let sum = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&sum);
    // AcqRel: as strong as ours beside it.
    start_and_wait::<R>(n, move |i| _ = shared.fetch_add(i, Ordering::AcqRel));
    assert_eq!(sum.load(Ordering::Acquire), n * (n - 1) / 2); // Acquire: of the additions above
}

fn gosched_two<R: Blocking>(n: u64) {
    let halves = [n / 2, n - n / 2];
    start_and_wait::<R>(2, move |half| (0..halves[half as usize]).for_each(|_| R::yield_now()));
}

fn pingpong<R: Blocking>(n: u64) {
    let (ping, there) = R::chan(0);
    let (back, pong) = R::chan(0);
    R::go(move || {
        while let Some(value) = R::recv(&there) {
            R::send(&back, value + 1);
        }
        R::close(back);
    });
    let mut value = 0;
    for _ in 0..n {
        R::send(&ping, value);
        value = R::recv(&pong).expect("the partner answers");
    }
    R::close(ping);
    assert_eq!((value, R::recv(&pong)), (n, None));
}

fn oneway<R: Blocking>(n: u64, cap: usize) {
    let (out, values) = R::chan(cap);
    R::go(move || {
        (0..n).for_each(|i| R::send(&out, i));
        R::close(out);
    });
    let mut sum = 0;
    while let Some(value) = R::recv(&values) {
        sum += value;
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

fn pair<R: Blocking>() -> (R::Sender, Option<R::Receiver>) {
    let (sender, receiver) = R::chan(0);
    (sender, Some(receiver))
}

fn uncontended<R: Blocking>(n: u64) {
    let (out, values) = R::chan(128);
    let mut sum = 0;
    for i in 0..n {
        R::send(&out, i);
        sum += R::recv(&values).expect("it is open");
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

/// A chain of `n` goroutines, each of which starts the next; the last one says so.
fn chain<R: Blocking>(n: u64, done: R::Sender) {
    if n == 0 {
        return R::send(&done, 0);
    }
    R::go(move || chain::<R>(n - 1, done));
}

fn chains<R: Blocking>(count: u64, n: u64) {
    let (done, ends) = R::chan(1);
    for _ in 0..count {
        let done = done.clone();
        R::go(move || chain::<R>(n / count, done));
    }
    (0..count).for_each(|_| assert_eq!(R::recv(&ends), Some(0)));
}

/// As many as we were told to have.
fn procs() -> u64 {
    std::env::var("GOMAXPROCS").ok().and_then(|procs| procs.parse().ok()).unwrap_or(1)
}

fn create_capture<R: Blocking>(n: u64) {
    (0..n).for_each(|_| start_and_wait::<R>(4, |_| ()));
}

fn create_single<R: Blocking>(n: u64) {
    start_and_wait::<R>(n, |_| ());
}
