//! Document 1, "sync.WaitGroup": three workers.
//!
//! Promise: "worker 1" to "worker 3" in any order, then "all done" (M).

mod support;

use gaggle::go;
use gaggle::sync::WaitGroup;
use support::defer;

#[gaggle::main]
unsafe fn main() {
    let wg = WaitGroup::new();
    for n in 1..=3 {
        wg.add(1); // register one goroutine
        let wg = wg.clone();
        go(move || {
            let _done = defer(|| wg.done()); // mark it done when finished
            println!("worker {n}");
        });
    }
    wg.wait(); // block until counter reaches 0
    println!("all done");
}
