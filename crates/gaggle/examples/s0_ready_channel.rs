//! Document 0, "Happens-before", the fixed version: a close publishes the data written before it.
//!
//! Promise: guaranteed "hello, world". The broken version (a plain flag) is a data race and no Rust
//! program; the flag's place is taken by the channel, the string's by a cell that is written once.

use gaggle::{chan, go};
use std::sync::{Arc, OnceLock};

#[gaggle::main]
unsafe fn main() {
    let ready = chan::<()>(0);
    let data = Arc::new(OnceLock::new());

    let (signal, cell) = (ready.clone(), Arc::clone(&data));
    go(move || {
        let _ = cell.set("hello, world");
        signal.close(); // synchronization point
    });

    let _ = ready.recv(); // happens after the close
    println!("{}", data.get().unwrap_or(&""));
}
