//! Document 0, "What a channel actually is", try it 1, second half: a receive before the third send.
//!
//! Promise: "it works": nothing blocks; the values come out in send order (I5).

use gaggle::chan;

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(2);
    ch.send(1);
    ch.send(2);
    let first = ch.recv();
    ch.send(3);
    ch.close();
    println!("received {}", first.unwrap_or_default());
    for v in ch {
        println!("left in the buffer {v}");
    }
}
