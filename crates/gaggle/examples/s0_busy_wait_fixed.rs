//! Document 0, broken pattern 1 "Busy-waiting on an unsynchronized flag", with the fix that it names.
//!
//! Promise: `ready` becomes a closed channel, the loop becomes a receive: "computed", 100 times of 100.

use gaggle::{chan, go};
use std::sync::{Arc, OnceLock};

fn compute() -> &'static str {
    let ready = chan::<()>(0);
    let data = Arc::new(OnceLock::new());
    let (signal, cell) = (ready.clone(), Arc::clone(&data));
    go(move || {
        let _ = cell.set("computed");
        signal.close();
    });
    let _ = ready.recv();
    data.get().copied().unwrap_or("")
}

#[gaggle::main]
unsafe fn main() {
    let seen = (0..100).filter(|_| compute() == "computed").count();
    println!("computed {seen} of 100");
}
