//! Document 0, "Channels can be closed": a receiver that ranges.
//!
//! Promise: the loop sees every value in order and ends when the channel is closed and drained (I3).

use gaggle::{chan, go};

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(2);
    let sender = ch.clone();
    go(move || {
        for i in 1..=5 {
            sender.send(i);
        }
        sender.close(); // only the sender closes
    });
    for v in ch {
        println!("{v}");
    }
    println!("closed and drained");
}
