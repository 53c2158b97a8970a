//! Document 0, broken pattern 2 "Double-checked locking", with the fix that it names: `sync.Once`.
//!
//! Promise: ten goroutines get the service, it is made once, and each sees it whole (N).

use gaggle::sync::{Once, WaitGroup};
use std::sync::OnceLock;

struct Service {
    name: &'static str,
    ready: bool,
}

static ONCE: Once = Once::new();
static INSTANCE: OnceLock<Service> = OnceLock::new();

fn new_service() -> Service {
    println!("making the service");
    Service { name: "service", ready: true }
}

fn get() -> Option<&'static Service> {
    // Once decides who makes it; the cell is only where a write-once value may live in Rust.
    ONCE.call_once(|| drop(INSTANCE.set(new_service())));
    INSTANCE.get()
}

#[gaggle::main]
unsafe fn main() {
    let wg = WaitGroup::new();
    for _ in 0..10 {
        wg.go(|| match get() {
            Some(it) => println!("{} ready: {}", it.name, it.ready),
            None => println!("no service"),
        });
    }
    wg.wait();
}
