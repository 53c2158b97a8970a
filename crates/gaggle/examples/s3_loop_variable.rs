//! Document 3, mistake 2 "Loop Variable Capture Bug", both solutions.
//!
//! Promise: each goroutine gets its own copy: 0 to 4, each once, in any order, for each solution. The bug
//! itself (five goroutines that share `i`) does not compile: a goroutine cannot borrow the loop's variable.

use gaggle::go;
use gaggle::sync::WaitGroup;

#[gaggle::main]
unsafe fn main() {
    // Solution 1: pass as parameter
    let wg = WaitGroup::new();
    for i in 0..5 {
        wg.add(1);
        let print = |n: i32, wg: WaitGroup| {
            println!("{n}");
            wg.done();
        };
        go!(print(i, wg.clone()));
    }
    wg.wait();

    // Solution 2: create local copy (`move` takes it into the closure)
    for i in 0..5 {
        wg.go(move || println!("{i}"));
    }
    wg.wait();
}
