//! Document 3, mistake 1, "Proper approach (using sync.WaitGroup)".
//!
//! Promise: "Hello!", always.

mod support;

use gaggle::go;
use gaggle::sync::WaitGroup;
use support::defer;

#[gaggle::main]
unsafe fn main() {
    let wg = WaitGroup::new();
    wg.add(1);
    let done = wg.clone();
    go(move || {
        let _done = defer(|| done.done());
        println!("Hello!");
    });
    wg.wait(); // Blocks until done is called
}
