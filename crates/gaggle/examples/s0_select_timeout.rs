//! Document 0, "The select statement": a message, a cancellation or five seconds, whichever is first.
//!
//! Promise: "whichever case is ready first wins". `done` stands for `ctx.Done()`. Three calls, one for each
//! case: a waiting message, a closed `done`, nothing at all.

mod support;

use gaggle::time::after;
use gaggle::{Chan, chan, go, select};
use support::millis;

fn wait(input: &Chan<String>, done: &Chan<()>) -> Result<String, &'static str> {
    select! {
        recv(input) -> msg => Ok(msg.unwrap_or_default()),
        recv(done) -> _ => Err("canceled"),
        recv(after(millis(5000))) -> _ => Err("timeout"),
    }
}

fn show(result: Result<String, &str>) {
    match result {
        Ok(msg) => println!("handled: {msg}"),
        Err(why) => println!("error: {why}"),
    }
}

#[gaggle::main]
unsafe fn main() {
    let (input, done) = (chan::<String>(0), chan::<()>(0));
    let sender = input.clone();
    go(move || sender.send("message".to_owned()));
    show(wait(&input, &done));
    show(wait(&input, &done)); // nobody sends, nobody cancels
    done.close();
    show(wait(&input, &done));
}
