//! Document 3, "Guidelines for Production Code": a channel as a semaphore.
//!
//! Promise: every task is processed, at most ten at a time. The fragment does not wait for the last tasks;
//! a WaitGroup does here.

mod support;

use gaggle::chan;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Int64;
use gaggle::time::sleep;
use std::sync::Arc;
use support::{defer, millis};

/// How many tasks are being processed, and the most there ever were.
#[derive(Default)]
struct Gauge {
    now: Int64,
    most: Int64,
}

fn process(gauge: &Gauge) {
    let now = gauge.now.add(1);
    let mut most = gauge.most.load();
    while now > most && !gauge.most.compare_and_swap(most, now) {
        most = gauge.most.load();
    }
    sleep(millis(5));
    gauge.now.add(-1);
}

#[gaggle::main]
unsafe fn main() {
    let sem = chan::<()>(10); // Allow 10 concurrent operations
    let gauge = Arc::new(Gauge::default());
    let processed = Arc::new(Int64::new(0));
    let wg = WaitGroup::new();
    for _task in 0..50 {
        sem.send(()); // Acquire
        let (sem, gauge, processed) = (sem.clone(), Arc::clone(&gauge), Arc::clone(&processed));
        wg.go(move || {
            let _release = defer(|| {
                let _ = sem.recv(); // Release
            });
            process(&gauge);
            processed.add(1);
        });
    }
    wg.wait();
    println!("tasks: {}", processed.load());
    println!("most at a time: {}", gauge.most.load());
}
