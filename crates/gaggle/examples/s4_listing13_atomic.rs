//! Document 4, listing 6.13 `listing13.go`: the counter with atomic functions.
//!
//! Promise (listing 6.14): "Final Counter: 4" (R).

mod support;

use gaggle::go;
use gaggle::runtime::gosched;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::{Int64, add_int64, load_int64};
use support::defer;

/// A variable incremented by all goroutines.
static COUNTER: Int64 = Int64::new(0);

#[gaggle::main]
unsafe fn main() {
    // wg is used to wait for the program to finish.
    let wg = WaitGroup::new();
    // Add a count of two, one for each goroutine.
    wg.add(2);

    // Create two goroutines.
    go!(inc_counter(1, wg.clone()));
    go!(inc_counter(2, wg.clone()));

    // Wait for the goroutines to finish.
    wg.wait();

    // Display the final value.
    println!("Final Counter: {}", load_int64(&COUNTER));
}

/// Increments the counter variable.
fn inc_counter(_id: i32, wg: WaitGroup) {
    // Schedule the call to done to tell main we are done.
    let _done = defer(|| wg.done());

    for _ in 0..2 {
        // Safely add one to the counter.
        add_int64(&COUNTER, 1);

        // Yield the thread and be placed back in queue.
        gosched();
    }
}
