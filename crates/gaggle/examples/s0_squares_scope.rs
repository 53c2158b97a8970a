//! Document 0, exercise, stretch, as Rust would write it: each goroutine borrows its own slot.
//!
//! Promise: 385. The scope waits for its goroutines, so plain `&mut` slots may be lent to them.

use gaggle::scope;

#[gaggle::main]
unsafe fn main() {
    let nums = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let mut squares = [0; 10];
    scope(|s| {
        for (slot, n) in squares.iter_mut().zip(nums) {
            s.go(move || *slot = n * n);
        }
    });
    println!("{}", squares.iter().sum::<i32>());
}
