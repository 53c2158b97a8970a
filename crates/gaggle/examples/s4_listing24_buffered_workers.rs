//! Document 4, listing 6.24 `listing24.go`: ten tasks in a buffered channel for four goroutines.
//!
//! Promise: every task is started and completed once, by the same worker; each worker shuts down once,
//! after its last task, because a closed channel is drained before it reports closed (I3).

mod support;

use gaggle::sync::WaitGroup;
use gaggle::time::sleep;
use gaggle::{Chan, chan, go};
use support::{defer, intn, millis};

const NUMBER_GOROUTINES: i32 = 4; // Number of goroutines to use.
const TASK_LOAD: usize = 10; // Amount of work to process.

#[gaggle::main]
unsafe fn main() {
    // Create a buffered channel to manage the task load.
    let tasks = chan::<String>(TASK_LOAD);

    // wg is used to wait for the program to finish.
    let wg = WaitGroup::new();
    // Launch goroutines to handle the work.
    wg.add(NUMBER_GOROUTINES);
    for gr in 1..=NUMBER_GOROUTINES {
        go!(worker(tasks.clone(), gr, wg.clone()));
    }

    // Add a bunch of work to get done.
    for post in 1..=TASK_LOAD {
        tasks.send(format!("Task : {post}"));
    }

    // Close the channel so the goroutines will quit when all the work is done.
    tasks.close();

    // Wait for all the work to get done.
    wg.wait();
}

/// Is launched as a goroutine to process work from the buffered channel.
fn worker(tasks: Chan<String>, worker: i32, wg: WaitGroup) {
    // Report that we just returned.
    let _done = defer(|| wg.done());

    loop {
        // Wait for work to be assigned.
        let Some(task) = tasks.recv() else {
            // This means the channel is empty and closed.
            println!("Worker: {worker} : Shutting Down");
            return;
        };

        // Display we are starting the work.
        println!("Worker: {worker} : Started {task}");

        // Randomly wait to simulate work time.
        sleep(millis(intn(100)));

        // Display we finished the work.
        println!("Worker: {worker} : Completed {task}");
    }
}
