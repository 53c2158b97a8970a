//! Document 0, "Goroutine leaks": both leaks, with the fix that the text names.
//!
//! Promise: with a `done` channel (`ctx.Done()`) and a closed input every goroutine ends: the number of
//! goroutines grows while they live and comes back to where it was.

use gaggle::runtime::{gosched, num_goroutine};
use gaggle::{chan, go, select};

/// A goroutine is counted until its descriptor is given back, shortly after its last statement (A11).
fn settle(at_most: usize) -> usize {
    for _ in 0..100_000 {
        if num_goroutine() <= at_most {
            break;
        }
        gosched();
    }
    num_goroutine()
}

#[gaggle::main]
unsafe fn main() {
    let before = num_goroutine();
    let (results, input, done) = (chan::<u64>(0), chan::<u64>(0), chan::<()>(0));

    // Leak 1: nobody reads `results`. The fix: give up when `done` is closed.
    let canceled = done.clone();
    go(move || {
        select! {
            send(results, 6 * 7) => println!("sent"),
            recv(canceled) -> _ => {}
        }
    });
    // Leak 2: the loop ends only if somebody closes `input`. The fix: close it.
    let messages = input.clone();
    go(move || for _msg in messages {});

    println!("goroutines: {before}");
    println!("goroutines with two at work: {}", num_goroutine());
    done.close();
    input.close();
    println!("goroutines after both were told to end: {}", settle(before));
}
