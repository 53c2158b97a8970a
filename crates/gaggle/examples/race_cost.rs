//! What a race detector costs: nanoseconds of a few operations, to be built without one and with one.
//!
//! ```text
//! cargo run --release -p gaggle --example race_cost
//! cargo run --release -p gaggle --features race --example race_cost
//! ```

use gaggle::race::Cell;
use gaggle::sync::{Mutex, WaitGroup, atomic::Int64};
use gaggle::{chan, go};
use std::time::Instant;

fn measure(what: &str, times: u32, f: impl FnOnce()) {
    let start = Instant::now();
    f();
    println!("{what}: {:.1} ns", start.elapsed().as_nanos() as f64 / f64::from(times));
}

/// The bytes that this process has in memory.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

#[gaggle::main]
unsafe fn main() {
    const N: u32 = 20_000;
    static WORD: Cell<i64> = Cell::new(0);
    static COUNT: Int64 = Int64::new(0);
    static LOCK: Mutex<u32> = Mutex::new(0);
    measure("a word read and written, alone", N, || (0..N).for_each(|_| WORD.update(|x| x + 1)));
    measure("an atomic add", N, || (0..N).for_each(|_| _ = COUNT.add(1)));
    measure("a mutex locked and unlocked", N, || (0..N).for_each(|_| *LOCK.lock() += 1));
    measure("a word written under a mutex", N, || {
        (0..N).for_each(|_| {
            let _guard = LOCK.lock();
            WORD.set(1);
        });
    });
    let (there, back) = (chan::<u32>(0), chan::<u32>(0));
    let (from, to) = (there.clone(), back.clone());
    go(move || from.into_iter().for_each(|x| to.send(x)));
    measure("a value there and back", N, || {
        (0..N).for_each(|x| {
            there.send(x);
            back.recv();
        });
    });
    there.close();
    let wg = WaitGroup::new();
    measure("a goroutine", N, || {
        for _ in 0..N / 100 {
            (0..100).for_each(|_| wg.go(|| ()));
            wg.wait();
        }
    });
    let (before, gate) = (resident(), chan::<()>(0));
    for _ in 0..1_000 {
        let gate = gate.clone();
        wg.go(move || _ = gate.recv());
    }
    gaggle::time::sleep(std::time::Duration::from_millis(100));
    println!("a waiting goroutine: {} bytes", resident().saturating_sub(before) / 1_000);
    gate.close();
    wg.wait();
}
