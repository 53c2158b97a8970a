//! Document 0, "context.Context for cancellation": a slow fetch with a time limit.
//!
//! Promise: the request is given up when the time is up. The call is pretended: `reply` stands for the body
//! of a server that takes a minute, and the client waits for it or for the context, as Go's does.

mod support;

use gaggle::context::{self, Context, Error};
use gaggle::prelude::*;
use gaggle::time::sleep;
use support::millis;

/// What a client does: sends the request, and waits for the reply as long as it may.
fn fetch_slow(ctx: &Context, url: &str) -> Result<String, Error> {
    let (reply, url) = (chan::<String>(1), url.to_owned());
    let body = reply.clone();
    go(move || {
        sleep(millis(60_000));
        body.send(format!("body of {url}"));
    });
    reply.recv_ctx(ctx).map(Option::unwrap_or_default)
}

#[gaggle::main]
unsafe fn main() {
    let (ctx, cancel) = context::with_timeout(&context::background(), millis(2000));
    let _cancel = cancel.cancel_on_drop(); // defer cancel()
    match fetch_slow(&ctx, "https://slow.example.com") {
        Ok(body) => println!("got {body}"),
        Err(error) => println!("gave up: {error}"),
    }
}
