//! Document 0, "Worker pools (bounded concurrency)": 1000 jobs, ten at a time.
//!
//! Promise: every job has its result, never more than ten are processed at once, and closing `jobs` ends
//! the workers' loops. A job is a number, its result the square: the sum of 1..=1000 squared is 333833500.

use gaggle::runtime::gosched;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Int64;
use gaggle::{chan, go};
use std::sync::Arc;

/// How many jobs are being processed, and the most there ever were.
#[derive(Default)]
struct Gauge {
    now: Int64,
    most: Int64,
}

fn process(job: u64, gauge: &Gauge) -> u64 {
    let now = gauge.now.add(1);
    let mut most = gauge.most.load();
    while now > most && !gauge.most.compare_and_swap(most, now) {
        most = gauge.most.load();
    }
    gosched(); // give the others a chance to come in
    gauge.now.add(-1);
    job * job
}

#[gaggle::main]
unsafe fn main() {
    let work: Vec<u64> = (1..=1000).collect();
    let jobs = chan::<u64>(work.len());
    let results = chan::<u64>(work.len());
    let gauge = Arc::new(Gauge::default());
    let ended = WaitGroup::new();
    ended.add(10);

    // Start 10 workers.
    for _ in 0..10 {
        let (jobs, results) = (jobs.clone(), results.clone());
        let (gauge, ended) = (Arc::clone(&gauge), ended.clone());
        go(move || {
            for j in jobs {
                results.send(process(j, &gauge));
            }
            ended.done();
        });
    }

    // Send work.
    for &w in &work {
        jobs.send(w);
    }
    jobs.close(); // the workers' loops end when the channel is drained

    // Collect.
    let total: u64 = work.iter().map(|_| results.recv().unwrap_or_default()).sum();
    ended.wait();
    println!("jobs: {}", work.len());
    println!("sum: {total}");
    println!("most at a time: {}", gauge.most.load());
}
