//! Document 0, "sync.WaitGroup: wait for N things": three workers of one second each.
//!
//! Promise: three "starting", three "done" in any order, each worker's start before its end, all of them
//! before "all workers finished"; the workers overlap (one second in all, not three).

mod support;

use gaggle::go;
use gaggle::sync::WaitGroup;
use gaggle::time::sleep;
use support::{defer, millis};

fn work(id: i32, wg: WaitGroup) {
    let _done = defer(|| wg.done());
    println!("worker {id} starting");
    sleep(millis(1000));
    println!("worker {id} done");
}

#[gaggle::main]
unsafe fn main() {
    let wg = WaitGroup::new();
    for i in 1..=3 {
        wg.add(1);
        let wg = wg.clone(); // a handle: every clone is the same counter, Go's `&wg`
        go(move || work(i, wg));
    }
    wg.wait();
    println!("all workers finished");
}
