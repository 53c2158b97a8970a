//! Document 0, "What a channel actually is", try it 2: a receive from a closed, empty channel.
//!
//! Promise: "0 false", at once (I3). `None` is Go's zero value with `ok == false`.

use gaggle::chan;

#[gaggle::main]
unsafe fn main() {
    let ch = chan::<i32>(0);
    ch.close();
    let received = ch.recv();
    let (v, ok) = (received.unwrap_or_default(), received.is_some());
    println!("{v} {ok}");
}
