//! Document 3, mistake 1, "Correct approach (temporary)".
//!
//! Promise: "Hello!", because main sleeps for a second.

mod support;

use gaggle::go;
use gaggle::time::sleep;
use support::millis;

#[gaggle::main]
unsafe fn main() {
    go(|| println!("Hello!"));
    sleep(millis(1000)); // Give goroutine time to run
}
