//! A program to look at: workers, goroutines that wait for one channel, three that wait for each other for ever,
//! some that leak, and a page.
//!
//! `cargo run --features inspect --example inspected -- [ADDR] [SECONDS]`

use gaggle::sync::{Mutex, lockorder};
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
    lockorder::check(); // in a debug build: who holds what
    stick();
    let jobs = chan::<u64>(16);
    for worker in 0..8 {
        let jobs = jobs.clone();
        let work = move || jobs.into_iter().for_each(|ms| time::sleep(Duration::from_millis(ms)));
        Builder::new().name("worker").label("number", worker.to_string()).go(work);
    }
    let end = chan::<()>(0);
    for _ in 0..1000 {
        let end = end.clone();
        go(move || _ = end.recv());
    }
    for _ in 0..40 {
        let never = chan::<()>(0);
        go(move || never.send(()));
    }
    for n in 0..seconds * 100 {
        jobs.send(n % 50);
        time::sleep(Duration::from_millis(10));
    }
    end.close();
    Ok(())
}

/// Three that lock two of three mutexes each, in an order that makes a circle.
fn stick() {
    let forks = [(); 3].map(|()| Arc::new(Mutex::new(())));
    for at in 0..3 {
        let (one, two) = (Arc::clone(&forks[at]), Arc::clone(&forks[(at + 1) % 3]));
        go(move || {
            let _one = one.lock();
            time::sleep(Duration::from_millis(50));
            drop(two.lock());
        });
    }
}
