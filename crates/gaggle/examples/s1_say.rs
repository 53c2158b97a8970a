//! Document 1 (Goroutines), "The go keyword": one goroutine beside main.
//!
//! Promise: "hello" and "main", each once, in any order.

mod support;

use gaggle::go;
use gaggle::time::sleep;
use support::millis;

fn say(msg: &str) {
    println!("{msg}");
}

#[gaggle::main]
unsafe fn main() {
    go(|| say("hello")); // runs concurrently
    say("main"); // runs on main goroutine
    sleep(millis(100)); // give the goroutine time to print
}
