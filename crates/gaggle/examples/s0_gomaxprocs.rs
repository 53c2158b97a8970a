//! Document 0, "What a goroutine actually is": counts of Ps, CPUs and goroutines.
//!
//! Promise: one goroutine at start, 101 after starting 100 that sleep for an hour; main returns, and the
//! process ends with them still asleep (A4, A11). The hour is not scaled.

mod support;

use gaggle::go;
use gaggle::runtime::{gomaxprocs, num_cpu, num_goroutine};
use gaggle::time::sleep;
use std::time::Duration;
use support::millis;

#[gaggle::main]
unsafe fn main() {
    println!("GOMAXPROCS: {}", gomaxprocs(0));
    println!("CPUs: {}", num_cpu());
    println!("goroutines at start: {}", num_goroutine());
    for _ in 0..100 {
        go(|| sleep(Duration::from_secs(3600)));
    }
    sleep(millis(100));
    println!("goroutines after spawning 100: {}", num_goroutine());
}
