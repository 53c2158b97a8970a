//! Document 2, "Pattern: The Worker Pool": five jobs for three workers.
//!
//! Promise: every job is started and finished once, both by the same worker; no more than three at a time;
//! main has all five results before it returns.

mod support;

use gaggle::time::sleep;
use gaggle::{RecvOnly, SendOnly, chan, go};
use support::millis;

const NUM_JOBS: i32 = 5;

fn worker(id: i32, jobs: RecvOnly<i32>, results: SendOnly<i32>) {
    for j in jobs {
        println!("worker {id} started job {j}");
        sleep(millis(1000)); // Simulate expensive task
        println!("worker {id} finished job {j}");
        results.send(j * 2);
    }
}

#[gaggle::main]
unsafe fn main() {
    let jobs = chan::<i32>(NUM_JOBS as usize);
    let results = chan::<i32>(NUM_JOBS as usize);

    // 1. Start 3 workers
    for w in 1..=3 {
        let (jobs, results) = (RecvOnly::from(jobs.clone()), SendOnly::from(results.clone()));
        go(move || worker(w, jobs, results));
    }
    // 2. Send 5 jobs to the jobs channel
    for j in 1..=NUM_JOBS {
        jobs.send(j);
    }
    jobs.close(); // Close channel to signal no more jobs

    // 3. Collect results
    for _ in 1..=NUM_JOBS {
        let _ = results.recv();
    }
}
