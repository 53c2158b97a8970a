//! Document 0, exercise, stretch: a slot per goroutine instead of a channel.
//!
//! Promise: 385. Each goroutine writes its own slot of a list of ten; main waits and sums. The slots are
//! atomics because a list shared by goroutines is shared for Rust, whoever writes which slot;
//! `s0_squares_scope` lends out the slots themselves.

use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Int64;
use std::sync::Arc;

#[gaggle::main]
unsafe fn main() {
    let nums = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let squares: Arc<[Int64; 10]> = Arc::default();
    let wg = WaitGroup::new();
    for (i, n) in nums.into_iter().enumerate() {
        let squares = Arc::clone(&squares);
        wg.go(move || squares[i].store(n * n));
    }
    wg.wait();
    println!("{}", squares.iter().map(Int64::load).sum::<i64>());
}
