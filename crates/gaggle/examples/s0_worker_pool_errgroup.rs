//! Document 0, "Worker pools (bounded concurrency)": the same 1000 jobs, ten at a time, by `errgroup`.
//!
//! Promise: every job has its result, and never more than ten are processed at once. "The
//! golang.org/x/sync/errgroup package wraps this pattern with proper error handling": a second round has a job
//! that fails, and its error is what `wait` returns, while the jobs that have not begun see that it is over.

use gaggle::context::{self, Error};
use gaggle::errgroup::Group;
use gaggle::runtime::gosched;
use gaggle::sync::atomic::Int64;
use std::sync::Arc;

/// How many jobs are being processed, and the most there ever were.
#[derive(Default)]
struct Gauge {
    now: Int64,
    most: Int64,
    sum: Int64,
}

fn process(job: i64, gauge: &Gauge) -> i64 {
    let now = gauge.now.add(1);
    let mut most = gauge.most.load();
    while now > most && !gauge.most.compare_and_swap(most, now) {
        most = gauge.most.load();
    }
    gosched(); // give the others a chance to come in
    gauge.now.add(-1);
    job * job
}

/// Does the jobs 1 to 1000; the one that is `bad` fails.
fn work(bad: i64) -> (Arc<Gauge>, Result<(), Error>) {
    let (group, ctx) = Group::with_context(&context::background());
    group.set_limit(Some(10));
    let gauge = Arc::new(Gauge::default());
    for job in 1..=1000 {
        let (ctx, gauge) = (ctx.clone(), Arc::clone(&gauge));
        group.go(move || {
            if let Some(error) = ctx.err() {
                return Err(error);
            }
            if job == bad {
                return Err(Error::new(format!("job {job} is bad")));
            }
            gauge.sum.add(process(job, &gauge));
            Ok(())
        });
    }
    let end = group.wait();
    (gauge, end)
}

#[gaggle::main]
unsafe fn main() {
    let (gauge, end) = work(0);
    println!("jobs: 1000");
    println!("sum: {}", gauge.sum.load());
    println!("most at a time: {}", gauge.most.load());
    println!("error: {}", end.map_or_else(|error| error.to_string(), |()| "none".to_owned()));
    let (_, end) = work(500);
    println!("error: {}", end.map_or_else(|error| error.to_string(), |()| "none".to_owned()));
}
