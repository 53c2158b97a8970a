//! Document 4, listing 6.15 `listing15.go`: a flag that tells goroutines to shut down.
//!
//! Promise: both work until "Shutdown Now", then each says once that it shuts down, and works no more.

mod support;

use gaggle::go;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::{Int64, load_int64, store_int64};
use gaggle::time::sleep;
use support::{defer, millis};

/// A flag to alert running goroutines to shutdown.
static SHUTDOWN: Int64 = Int64::new(0);

#[gaggle::main]
unsafe fn main() {
    // wg is used to wait for the program to finish.
    let wg = WaitGroup::new();
    // Add a count of two, one for each goroutine.
    wg.add(2);

    // Create two goroutines.
    go!(do_work("A", wg.clone()));
    go!(do_work("B", wg.clone()));

    // Give the goroutines time to run.
    sleep(millis(1000));

    // Safely flag it is time to shutdown.
    println!("Shutdown Now");
    store_int64(&SHUTDOWN, 1);

    // Wait for the goroutines to finish.
    wg.wait();
}

/// Simulates a goroutine performing work and checking the shutdown flag to terminate early.
fn do_work(name: &str, wg: WaitGroup) {
    // Schedule the call to done to tell main we are done.
    let _done = defer(|| wg.done());

    loop {
        println!("Doing {name} Work");
        sleep(millis(250));

        // Do we need to shutdown.
        if load_int64(&SHUTDOWN) == 1 {
            println!("Shutting {name} Down");
            break;
        }
    }
}
