//! Document 1, "Goroutine leaks": "use context.Context to propagate cancellation", in a pipeline.
//!
//! Promise: whoever reads a pipeline may stop before its end, and every stage of it ends. A generator, two
//! stages that square and add one; main takes three numbers and cancels.

use gaggle::context::{self, Context};
use gaggle::prelude::*;
use gaggle::sync::WaitGroup;

/// 1, 2, 3 and so on, until `ctx` ends.
fn generate(ctx: &Context, stages: &WaitGroup) -> RecvOnly<u64> {
    let (out, ctx) = (chan(0), ctx.clone());
    let numbers = out.recv_only();
    stages.go(move || {
        for n in 1.. {
            if out.send_ctx(&ctx, n).is_err() {
                break;
            }
        }
        out.close();
    });
    numbers
}

/// Each number of `input` by way of `f`, until `ctx` ends or the input does.
fn stage(
    ctx: &Context,
    stages: &WaitGroup,
    input: RecvOnly<u64>,
    f: fn(u64) -> u64,
) -> RecvOnly<u64> {
    let (out, ctx) = (chan(0), ctx.clone());
    let results = out.recv_only();
    stages.go(move || {
        while let Ok(Some(n)) = input.recv_ctx(&ctx) {
            if out.send_ctx(&ctx, f(n)).is_err() {
                break;
            }
        }
        out.close();
    });
    results
}

#[gaggle::main]
unsafe fn main() {
    let (ctx, cancel) = context::with_cancel(&context::background());
    let stages = WaitGroup::new();
    let numbers = generate(&ctx, &stages);
    let squares = stage(&ctx, &stages, numbers, |n| n * n);
    let results = stage(&ctx, &stages, squares, |n| n + 1);
    for result in results.iter().take(3) {
        println!("{result}");
    }
    cancel.cancel();
    stages.wait();
    println!("every stage has ended");
}
