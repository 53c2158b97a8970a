//! Document 0, exercise `parallel.go`: the squares of 1..=10, each from its own goroutine, over a channel.
//!
//! Promise: 385.

use gaggle::{chan, go};

#[gaggle::main]
unsafe fn main() {
    let nums = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let results = chan::<i32>(0);
    for n in nums {
        let results = results.clone();
        go(move || results.send(n * n));
    }
    let mut total = 0;
    for _ in nums {
        total += results.recv().unwrap_or_default();
    }
    println!("{total}");
}
