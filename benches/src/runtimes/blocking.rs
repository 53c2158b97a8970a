//! The shapes for runtimes in whose goroutines one blocks.

use super::Job;
use crate::figures::Figure;
use crate::meter::Meter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Such a runtime.
pub(super) trait Blocking: 'static {
    type Sender: Clone + Send + 'static;
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

pub(super) const SHAPES: &[&str] = &[
    "spawn_wait",
    "spawn_run_1m",
    "gosched_two",
    "pingpong_unbuffered",
    "oneway_cap0",
    "oneway_cap128",
    "ring_1000",
    "skynet_1m",
];

/// Runs a job inside a goroutine.
pub(super) fn run<R: Blocking>(job: Job) -> Vec<Figure> {
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
        "ring_1000" => ring::<R>,
        "skynet_1m" => skynet::<R>,
        other => panic!("no shape {other}"),
    }
}

/// Starts `count` goroutines and waits for all: the last of them says so.
fn start_and_wait<R: Blocking>(count: u64, f: impl Fn(u64) + Send + Sync + 'static) {
    let (all, ended) = R::chan(1);
    let (f, running) = (Arc::new(f), Arc::new(AtomicU64::new(count)));
    for i in 0..count {
        let (f, running, all) = (Arc::clone(&f), Arc::clone(&running), all.clone());
        R::go(move || {
            f(i);
            // AcqRel: the last one comes after what all others did.
            if running.fetch_sub(1, Ordering::AcqRel) == 1 {
                R::send(&all, 0);
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

const MEMBERS: u64 = 1000;

fn ring<R: Blocking>(n: u64) {
    let (finish, finished) = R::chan(1);
    let (first, mut from) = R::chan(0);
    for member in 1..=MEMBERS {
        let (to, next) = if member == MEMBERS { (first.clone(), None) } else { pair::<R>() };
        let (input, finish) = (from, finish.clone());
        R::go(move || {
            while let Some(hops) = R::recv(&input) {
                if hops == 0 {
                    R::send(&finish, member);
                    break;
                }
                R::send(&to, hops - 1);
            }
            R::close(to); // so the neighbour ends too
        });
        let Some(next) = next else { break };
        from = next;
    }
    R::send(&first, n);
    assert_eq!(R::recv(&finished), Some(n % MEMBERS + 1));
}

fn pair<R: Blocking>() -> (R::Sender, Option<R::Receiver>) {
    let (sender, receiver) = R::chan(0);
    (sender, Some(receiver))
}

fn skynet<R: Blocking>(n: u64) {
    let (root, all) = R::chan(0);
    R::go(move || leaf_or_ten::<R>(&root, 0, n));
    assert_eq!(R::recv(&all), Some(n * (n - 1) / 2));
}

fn leaf_or_ten<R: Blocking>(to: &R::Sender, first: u64, end: u64) {
    let size = end - first;
    if size == 1 {
        return R::send(to, first);
    }
    let children = size.min(10);
    let (sum, sums) = R::chan(0);
    for child in 0..children {
        let (start, end) = (first + size * child / children, first + size * (child + 1) / children);
        let sum = sum.clone();
        R::go(move || leaf_or_ten::<R>(&sum, start, end));
    }
    R::send(to, (0..children).filter_map(|_| R::recv(&sums)).sum());
}
