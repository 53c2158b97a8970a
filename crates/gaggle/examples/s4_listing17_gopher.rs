//! Document 4, listings 6.17 to 6.19: making a channel, sending a value into it, receiving it.
//!
//! Promise: "Gopher" goes through a buffer of ten.

use gaggle::chan;

#[gaggle::main]
unsafe fn main() {
    // Unbuffered channel of integers.
    let unbuffered = chan::<i32>(0);

    // Buffered channel of strings.
    let buffered = chan::<&str>(10);

    // Send a string through the channel.
    buffered.send("Gopher");

    // Receive a string from the channel.
    let value = buffered.recv();
    println!("{} through {}, not {}", value.unwrap_or_default(), buffered.cap(), unbuffered.cap());
}
