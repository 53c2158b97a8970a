//! Document 0, "What a channel actually is", try it 1: the third send on a channel of two.
//!
//! Promise: "blocks forever ... the whole program deadlocks": Go's deadlock text and exit code 2 (H2).

use gaggle::chan;

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(2);
    ch.send(1);
    ch.send(2);
    ch.send(3);
    println!("not reached");
}
