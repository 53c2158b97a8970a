//! Document 0, "Mutexes still exist, and that's fine": a counter with a lock.
//!
//! Promise: no increment is lost: 1000 (K, Y). The value lives inside the lock, as Rust wants it.

use gaggle::sync::{Mutex, WaitGroup};
use std::sync::Arc;

struct Counter {
    value: Mutex<i64>,
}

impl Counter {
    fn inc(&self) {
        *self.value.lock() += 1; // the guard unlocks: `defer c.mu.Unlock()`
    }
}

#[gaggle::main]
unsafe fn main() {
    let counter = Arc::new(Counter { value: Mutex::new(0) });
    let wg = WaitGroup::new();
    for _ in 0..10 {
        let counter = Arc::clone(&counter);
        wg.go(move || (0..100).for_each(|_| counter.inc()));
    }
    wg.wait();
    println!("{}", counter.value.lock());
}
