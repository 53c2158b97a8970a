//! Document 4, listing 6.16 `listing16.go`: the counter with a critical section that yields inside.
//!
//! Promise: the lock is held over the yield, so no other goroutine comes in: "Final Counter: 4" (K).

mod support;

use gaggle::go;
use gaggle::runtime::gosched;
use gaggle::sync::{Mutex, WaitGroup};
use std::sync::Arc;
use support::defer;

#[gaggle::main]
unsafe fn main() {
    // The counter is incremented by all goroutines; the mutex defines a critical section of code.
    let counter = Arc::new(Mutex::new(0));
    // wg is used to wait for the program to finish.
    let wg = WaitGroup::new();
    // Add a count of two, one for each goroutine.
    wg.add(2);

    // Create two goroutines.
    go!(inc_counter(1, Arc::clone(&counter), wg.clone()));
    go!(inc_counter(2, Arc::clone(&counter), wg.clone()));

    // Wait for the goroutines to finish.
    wg.wait();
    println!("Final Counter: {}", counter.lock());
}

/// Increments the counter using the mutex to synchronize and provide safe access.
fn inc_counter(_id: i32, counter: Arc<Mutex<i32>>, wg: WaitGroup) {
    // Schedule the call to done to tell main we are done.
    let _done = defer(|| wg.done());

    for _ in 0..2 {
        // Only allow one goroutine through this critical section at a time.
        let mut guard = counter.lock();

        // Capture the value of the counter.
        let mut value = *guard;

        // Yield the thread and be placed back in queue.
        gosched();

        // Increment our local value of the counter.
        value += 1;

        // Store the value back into the counter.
        *guard = value;
        // The guard releases the lock and allows any waiting goroutine through.
    }
}
