//! Document 3, mistake 1 "Forgetting That main() Doesn't Wait", the broken program.
//!
//! Promise: when main returns the program ends with status 0, whether or not the goroutine got a chance to
//! run (A4): the output is nothing, or "Hello!" once.

use gaggle::go;

#[gaggle::main]
unsafe fn main() {
    go(|| println!("Hello!"));
    // main returns here, program terminates
}
