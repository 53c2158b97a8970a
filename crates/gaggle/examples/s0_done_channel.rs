//! Document 0, "The four happens-before rules", try it: `x = 42` in a goroutine, read by main.
//!
//! Promise: with the `done` channel the read is ordered after the write: 42.

use gaggle::sync::atomic::Int64;
use gaggle::{chan, go};
use std::sync::Arc;

#[gaggle::main]
unsafe fn main() {
    let x = Arc::new(Int64::new(0));
    let done = chan::<()>(0);
    let (written, finished) = (Arc::clone(&x), done.clone());
    go(move || {
        written.store(42);
        finished.close();
    });
    let _ = done.recv();
    println!("{}", x.load());
}
