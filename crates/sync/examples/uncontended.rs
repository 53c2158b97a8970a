//! Locks and unlocks a free mutex, for counting instructions: `uncontended [rounds]` under
//! callgrind, twice with different rounds; the difference is the cost of a round.

use gaggle_sync::Mutex;

#[inline(never)]
fn round(mutex: &Mutex<u64>) {
    *mutex.lock() += 1;
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|arg| arg.parse().ok()).unwrap_or(1_000_000);
    let mutex = Mutex::new(0);
    let start = std::time::Instant::now();
    for _ in 0..rounds {
        round(&mutex);
    }
    let each = start.elapsed().as_nanos() as f64 / rounds as f64;
    println!("{} rounds, {each:.1} ns each", *mutex.lock());
}
