//! Document 0, "Common patterns and warnings": a send on a closed channel.
//!
//! Promise: "Panic": "send on closed channel" and exit code 2 (I3, B1).

use gaggle::chan;

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(1);
    ch.close();
    ch.send(1);
    println!("not reached");
}
