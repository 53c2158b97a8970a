//! Document 0, broken pattern 3 and "The select statement": `default` makes an operation non-blocking.
//!
//! Promise: `default` runs whenever no other case is ready, also when nobody is "wrong": on an unbuffered
//! channel without a waiting receiver the send case is never taken (I14, J).

use gaggle::{chan, select};

#[gaggle::main]
unsafe fn main() {
    let unbuffered = chan::<i32>(0);
    select! {
        send(unbuffered, 1) => println!("sent"),
        default => println!("no receiver: default"),
    }
    let buffered = chan::<i32>(1);
    select! {
        send(buffered, 1) => println!("room in the buffer: sent"),
        default => println!("default"),
    }
    select! {
        send(buffered, 2) => println!("sent"),
        default => println!("buffer full: default"),
    }
    select! {
        recv(buffered) -> v => println!("received {}", v.unwrap_or_default()),
        default => println!("default"),
    }
    select! {
        recv(buffered) -> _ => println!("received"),
        default => println!("buffer empty: default"),
    }
}
