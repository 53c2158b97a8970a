//! Document 0 (Concurrency 101), "Goroutines: doing things at the same time": two talkers.
//!
//! Promise: "hello" and "world" interleaved, three of each, then "done".

mod support;

use gaggle::go;
use gaggle::time::sleep;
use support::millis;

fn say(msg: &str) {
    for _ in 0..3 {
        println!("{msg}");
        sleep(millis(500));
    }
}

#[gaggle::main]
unsafe fn main() {
    go(|| say("hello"));
    go(|| say("world"));
    sleep(millis(2000));
    println!("done");
}
