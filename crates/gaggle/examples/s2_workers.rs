//! Document 2, "Synchronization with WaitGroups": three workers.
//!
//! Promise: each worker starts and then is done, in any order; "All workers done" is the last line.

mod support;

use gaggle::go;
use gaggle::sync::WaitGroup;
use support::defer;

fn worker(id: i32, wg: WaitGroup) {
    let _done = defer(|| wg.done()); // Decrement the counter when the function exits
    println!("Worker {id} starting");
    // Simulate work
    println!("Worker {id} done");
}

#[gaggle::main]
unsafe fn main() {
    let wg = WaitGroup::new();
    for i in 1..=3 {
        wg.add(1); // Increment the counter
        let wg = wg.clone();
        go(move || worker(i, wg));
    }
    wg.wait(); // Block until the counter goes back to 0
    println!("All workers done");
}
