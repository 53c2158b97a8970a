//! Document 1, "Goroutine leaks": `leaky`, with a caller who does not forget to close.
//!
//! Promise: the range loop prints every value and ends, so the goroutine can be waited for.

use gaggle::sync::WaitGroup;
use gaggle::{RecvOnly, chan};

fn leaky(work: RecvOnly<i32>) {
    for v in work {
        // if the caller forgets to close(work), this goroutine lives forever
        println!("{v}");
    }
}

#[gaggle::main]
unsafe fn main() {
    let work = chan::<i32>(0);
    let input = RecvOnly::from(work.clone()); // <-chan int
    let wg = WaitGroup::new();
    wg.go(move || leaky(input));
    for v in 1..=3 {
        work.send(v);
    }
    work.close();
    wg.wait();
    println!("no goroutine left behind");
}
