//! Document 0, "Channels: goroutines talking to each other": one value over an unbuffered channel.
//!
//! Promise: 42 (I6).

use gaggle::{chan, go};

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(0);
    let tx = ch.clone();
    go(move || tx.send(42));
    if let Some(value) = ch.recv() {
        println!("{value}"); // 42
    }
}
