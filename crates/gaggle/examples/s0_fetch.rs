//! Document 0, "A more useful example: fetching things in parallel": three pretended calls.
//!
//! Promise: exactly three results, one per URL, in any order, in the time of one.

mod support;

use gaggle::time::sleep;
use gaggle::{SendOnly, chan, go};
use support::millis;

fn fetch(url: &str, results: &SendOnly<String>) {
    // Pretend we're making an HTTP call.
    sleep(millis(500));
    results.send(format!("result from {url}"));
}

#[gaggle::main]
unsafe fn main() {
    let urls = ["a.example", "b.example", "c.example"];
    let results = chan::<String>(0);
    for url in urls {
        let results = SendOnly::from(results.clone()); // chan<- string
        go(move || fetch(url, &results));
    }
    for _ in urls {
        if let Some(result) = results.recv() {
            println!("{result}");
        }
    }
}
