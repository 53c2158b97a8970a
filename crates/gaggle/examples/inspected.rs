//! A program to look at: workers, a ticker, two goroutines that wait for each other for ever, and a page.
//!
//! `cargo run --features inspect --example inspected -- [ADDR] [SECONDS]`

use gaggle::sync::Mutex;
use gaggle::{Builder, chan, go, inspect, runtime, time};
use std::sync::Arc;
use std::time::Duration;

#[gaggle::main]
unsafe fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let addr = words.next().unwrap_or_else(|| "127.0.0.1:6060".into());
    let seconds = words.next().and_then(|word| word.parse().ok()).unwrap_or(600);
    runtime::measure_latency();
    let server = inspect::serve(addr.as_str())?;
    println!("http://{}/debug/gaggle", server.addr());
    stick();
    let jobs = chan::<u64>(16);
    for worker in 0..8 {
        let jobs = jobs.clone();
        let work = move || jobs.into_iter().for_each(|ms| time::sleep(Duration::from_millis(ms)));
        Builder::new().name("worker").label("number", worker.to_string()).go(work);
    }
    for _ in 0..1000 {
        let never = chan::<()>(0);
        go(move || assert_eq!(never.recv(), None, "nobody closes it"));
    }
    for n in 0..seconds * 100 {
        jobs.send(n % 50);
        time::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Two that lock two mutexes, each its own first.
fn stick() {
    let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
    for (one, two) in [(&a, &b), (&b, &a)] {
        let (one, two) = (Arc::clone(one), Arc::clone(two));
        go(move || {
            let _one = one.lock();
            time::sleep(Duration::from_millis(50));
            drop(two.lock());
        });
    }
}
