//! Document 1, "sync.Once": a configuration that is loaded by whoever asks first.
//!
//! Promise: "runs at most once", however many goroutines ask; each gets it loaded (N).

use gaggle::sync::{Once, WaitGroup};
use std::sync::OnceLock;

struct Config {
    port: u16,
}

static CFG: OnceLock<Config> = OnceLock::new();
static CFG_ONCE: Once = Once::new();

fn load_config() -> Config {
    println!("loading");
    Config { port: 8080 }
}

fn config() -> Option<&'static Config> {
    CFG_ONCE.call_once(|| drop(CFG.set(load_config()))); // runs at most once
    CFG.get()
}

#[gaggle::main]
unsafe fn main() {
    let wg = WaitGroup::new();
    for _ in 0..5 {
        wg.go(|| println!("port {}", config().map_or(0, |cfg| cfg.port)));
    }
    wg.wait();
}
