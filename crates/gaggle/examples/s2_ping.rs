//! Document 2, "Unbuffered Channels": one message.
//!
//! Promise: "ping".

use gaggle::{chan, go};

#[gaggle::main]
unsafe fn main() {
    let messages = chan::<&str>(0);
    let sender = messages.clone();
    go(move || sender.send("ping")); // Blocks here until main is ready to receive

    let msg = messages.recv(); // Blocks here until "ping" is sent
    println!("{}", msg.unwrap_or_default());
}
