//! Document 3, "When Concurrency Has Less Impact": ten goroutines that print a number each.
//!
//! Promise: 0 to 9, each once, in any order; slower than a loop, as the text says, and just as right.

use gaggle::sync::WaitGroup;

#[gaggle::main]
unsafe fn main() {
    let wg = WaitGroup::new();
    for n in 0..10 {
        wg.go(move || println!("{n}"));
    }
    wg.wait();
}
