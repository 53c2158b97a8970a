//! Document 1, "sync.Mutex & RWMutex": `SafeCounter`.
//!
//! Promise: goroutines that touch the same number under the lock lose nothing: 1000.

use gaggle::sync::{Mutex, WaitGroup};
use std::sync::Arc;

#[derive(Default)]
struct SafeCounter {
    n: Mutex<u32>,
}

impl SafeCounter {
    fn inc(&self) {
        let mut n = self.n.lock();
        *n += 1;
    }
}

#[gaggle::main]
unsafe fn main() {
    let c = Arc::new(SafeCounter::default());
    let wg = WaitGroup::new();
    for _ in 0..1000 {
        let c = Arc::clone(&c);
        wg.go(move || c.inc());
    }
    wg.wait();
    println!("{}", c.n.lock());
}
