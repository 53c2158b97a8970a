//! Document 0, "Buffered vs unbuffered channels": a buffer of five.
//!
//! Promise: five sends do not block although nobody receives; the values come out in order (I5, I11).

use gaggle::chan;

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(5);
    ch.send(1); // doesn't block
    ch.send(2); // doesn't block
    for v in 3..=5 {
        ch.send(v); // the last one that fits
    }
    println!("len {} cap {}", ch.len(), ch.cap());
    ch.close();
    for v in ch {
        println!("{v}");
    }
}
