//! Document 3, "Anonymous Goroutines and Closures": one without and one with a parameter.
//!
//! Promise: both lines, in any order. `go!` evaluates the argument in the starting goroutine (A1).

mod support;

use gaggle::go;
use gaggle::time::sleep;
use support::millis;

#[gaggle::main]
unsafe fn main() {
    // Anonymous goroutine with no parameters
    go(|| println!("Hello from anonymous goroutine!"));

    // Anonymous goroutine with parameters
    let received = |n: i32| println!("Received number: {n}");
    go!(received(42));

    sleep(millis(1000));
}
