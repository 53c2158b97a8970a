//! Document 0, "Common patterns and warnings": a nil channel blocks forever.
//!
//! Promise: a receive from it never returns; alone, that is a deadlock with the state
//! "chan receive (nil chan)" and exit code 2 (I2, H2).

use gaggle::Chan;

#[gaggle::main]
unsafe fn main() {
    let ch = Chan::<i32>::nil();
    let _ = ch.recv();
    println!("not reached");
}
