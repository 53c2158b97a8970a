//! Document 0, "The select statement": a message, a cancellation or five seconds, whichever is first.
//!
//! Promise: "whichever case is ready first wins". Three calls, one for each case: a waiting message, nothing at
//! all, a context that was cancelled.

mod support;

use gaggle::context::{Context, background, with_cancel};
use gaggle::time::after;
use gaggle::{Chan, chan, go, select};
use std::error::Error;
use support::millis;

fn wait(ctx: &Context, input: &Chan<String>) -> Result<String, Box<dyn Error>> {
    select! {
        recv(input) -> msg => Ok(msg.unwrap_or_default()),
        recv(ctx.done()) -> _ => Err(ctx.err().map_or("not done".into(), Box::from)),
        recv(after(millis(5000))) -> _ => Err("timeout".into()),
    }
}

fn show(result: Result<String, Box<dyn Error>>) {
    match result {
        Ok(msg) => println!("handled: {msg}"),
        Err(why) => println!("error: {why}"),
    }
}

#[gaggle::main]
unsafe fn main() {
    let (ctx, cancel) = with_cancel(&background());
    let input = chan::<String>(0);
    let sender = input.clone();
    go(move || sender.send("message".to_owned()));
    show(wait(&ctx, &input));
    show(wait(&ctx, &input)); // nobody sends, nobody cancels
    cancel.cancel();
    show(wait(&ctx, &input));
}
