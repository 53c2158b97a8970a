//! A pipeline of three stages, traced: open the file that it writes at <https://ui.perfetto.dev>.
//!
//! `cargo run --release --example trace -- FILE`

use gaggle::runtime::trace::{self, Task};
use gaggle::{chan, go, time};
use std::time::Duration;

#[gaggle::main]
unsafe fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "gaggle-trace.json".into());
    trace::start(std::fs::File::create(&path)?)?;
    let (raw, cooked) = (chan::<u64>(4), chan::<u64>(0));
    let source = raw.clone();
    go(move || {
        for n in 0..100 {
            source.send(n);
            time::sleep(Duration::from_micros(300));
        }
        source.close();
    });
    let sink = cooked.clone();
    go(move || {
        for n in raw {
            let square = trace::region("square", || n * n);
            sink.send(square);
        }
        sink.close();
    });
    let task = Task::new("sum");
    let sum: u64 = cooked.into_iter().sum();
    task.log("sum", &sum.to_string());
    task.end();
    trace::stop()?;
    println!("{sum} (the trace is in {path})");
    Ok(())
}
