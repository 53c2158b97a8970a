//! Document 3, "Guidelines for Production Code", 1 and 2: long-running goroutines that have a plan for how they
//! end, and a context that tells them to.
//!
//! Promise: an interrupt lets each worker finish what it is at, and the program ends when all have. So that
//! nobody has to press a key, the program sends the signal to itself.

mod support;

use gaggle::context::{self, Context};
use gaggle::prelude::*;
use gaggle::signal::{Signal, notify_context};
use gaggle::sync::WaitGroup;
use support::millis;

/// Works until `ctx` ends: says so once it has begun, and cleans up at the end.
fn worker(ctx: &Context, id: u32, ready: &Chan<()>) {
    println!("worker {id}: works");
    ready.send(());
    while context::sleep(ctx, millis(50)).is_ok() {
        // A piece of work.
    }
    println!("worker {id}: cleans up and stops");
}

/// Presses Ctrl-C.
fn press_interrupt() {
    // SAFETY: two numbers.
    unsafe { libc::raise(libc::SIGINT) };
}

#[gaggle::main]
unsafe fn main() {
    let (ctx, stop) = notify_context(&context::background(), &[Signal::INTERRUPT, Signal::TERM]);
    let (workers, ready) = (WaitGroup::new(), chan(0));
    for id in 1..=3 {
        let (ctx, ready) = (ctx.clone(), ready.clone());
        workers.go(move || worker(&ctx, id, &ready));
    }
    ready.iter().take(3).for_each(drop);
    go(press_interrupt);
    ctx.done().recv();
    stop.stop(); // a second interrupt kills
    let why = context::cause(&ctx).map_or_else(String::new, |cause| cause.to_string());
    println!("shutting down: {why}");
    workers.wait();
    println!("all workers have stopped");
}
