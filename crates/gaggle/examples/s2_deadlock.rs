//! Document 2, "Common Pitfalls", deadlocks: waiting for a channel that no one is writing to.
//!
//! Promise: "Go will panic with a deadlock error": the fatal text names every goroutine, exit code 2 (H2).

use gaggle::sync::WaitGroup;
use gaggle::{chan, go};

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(0);
    let never = ch.clone();
    go(move || {
        let _ = never.recv();
    });
    let wg = WaitGroup::new();
    wg.add(1);
    wg.wait();
    println!("not reached");
}
