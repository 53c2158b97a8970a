//! Document 4, listing 6.9 `listing09.go`: a race condition, made visible by a yield in its middle.
//!
//! Promise (listing 6.10): each goroutine overwrites the other's work: with one P "Final Counter: 2", with
//! several 2 to 4. A plain shared variable would be undefined behaviour in Rust; in a `race::Cell` the lost
//! updates stay, and a build with a detector tells (listing 6.12):
//!
//! ```text
//! cargo run -p gaggle --features race --example s4_listing09_race
//! ```

mod support;

use gaggle::go;
use gaggle::race::Cell;
use gaggle::runtime::gosched;
use gaggle::sync::WaitGroup;
use support::defer;

/// A variable incremented by all goroutines.
static COUNTER: Cell<i64> = Cell::new(0);

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
    println!("Final Counter: {}", COUNTER.get());
}

/// Increments the counter variable.
fn inc_counter(_id: i32, wg: WaitGroup) {
    // Schedule the call to done to tell main we are done.
    let _done = defer(|| wg.done());

    for _ in 0..2 {
        // Capture the value of the counter.
        let mut value = COUNTER.get();

        // Yield the thread and be placed back in queue.
        gosched();

        // Increment our local value of the counter.
        value += 1;

        // Store the value back.
        COUNTER.set(value);
    }
}
