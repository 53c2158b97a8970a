//! The soak: everything at once, for as long as one likes, from a printed seed.
//!
//! `soak SECONDS [SEED]`. A supervisor keeps a number of jobs running, each drawn at random from
//! `jobs.rs`, checks what each one found, changes GOMAXPROCS now and then, and prints a line about
//! threads and goroutines every few seconds. *Every Job Ends*: one that does not, in a minute, is a
//! hang: the process ends with a dump of all goroutines. When all is over, no goroutine is left.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "what blocks the M is part of the mixture"
)]

mod arch;
mod jobs;
mod more_jobs;
mod rng;

use gaggle::sync::WaitGroup;
use gaggle::{chan, runtime, time};
use jobs::JOBS;
use rng::Rng;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Jobs that run at the same time.
const AT_ONCE: usize = 24;
/// A job takes milliseconds; on a loaded machine, seconds.
const HANG: Duration = Duration::from_secs(60);
const REPORT: Duration = Duration::from_secs(5);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |what| match arguments.next().map(|text| text.parse::<u64>()) {
        Some(Ok(number)) => Some(number),
        None => None,
        Some(Err(error)) => {
            eprintln!("soak: {what}: {error}");
            std::process::exit(1)
        }
    };
    let seconds = number("SECONDS").unwrap_or(10);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let seed = number("SEED").unwrap_or_else(|| now.map_or(1, |now| now.as_micros() as u64));
    println!("soak: {seconds} s, seed {seed}");
    // SAFETY: no thread-local is touched by this program on both sides of a switch point.
    unsafe { gaggle::run(move || supervise(Duration::from_secs(seconds), seed)) };
}

/// How many jobs of each kind have ended well, and when the last one did.
#[derive(Default)]
struct Tally {
    ended: [AtomicU64; JOBS.len()],
    beat: AtomicU64,
}

fn supervise(length: Duration, seed: u64) {
    let begin = Instant::now();
    let tally = Arc::new(Tally::default());
    watch(&tally, begin);
    let slots = chan::<()>(AT_ONCE);
    let wg = WaitGroup::new();
    let mut rng = Rng::new(seed);
    let mut reported = begin;
    while begin.elapsed() < length {
        slots.send(());
        let (which, seed) = (rng.below(JOBS.len() as u64) as usize, rng.next());
        let (slot, ours) = (slots.clone(), Arc::clone(&tally));
        wg.go(move || {
            (JOBS[which].1)(&mut Rng::new(seed));
            ours.ended[which].fetch_add(1, Ordering::Relaxed);
            ours.beat.store(begin.elapsed().as_millis() as u64, Ordering::Relaxed);
            slot.recv();
        });
        if rng.below(200) == 0 {
            runtime::gomaxprocs(1 + rng.below(4) as usize);
        }
        if reported.elapsed() >= REPORT {
            reported = Instant::now();
            report(&tally, begin);
        }
    }
    wg.wait();
    report(&tally, begin);
    let mut patience = 0;
    while runtime::num_goroutine() > 1 {
        time::sleep(Duration::from_millis(10));
        patience += 1;
        assert!(patience < 1000, "{} goroutines are left", runtime::num_goroutine() - 1);
    }
    println!("soak: ok, seed {seed}");
}

fn report(tally: &Tally, begin: Instant) {
    let all: u64 = tally.ended.iter().map(|ended| ended.load(Ordering::Relaxed)).sum();
    let threads = std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count);
    let goroutines = runtime::num_goroutine();
    print!(
        "{:6.1} s: {all} jobs, {goroutines} goroutines, {threads} threads:",
        begin.elapsed().as_secs_f64()
    );
    for ((name, _), ended) in JOBS.iter().zip(&tally.ended) {
        print!(" {name} {}", ended.load(Ordering::Relaxed));
    }
    println!();
}

/// Ends the process with a dump when no job has ended for a long time. On a thread of its own: it
/// must not depend on what it watches.
fn watch(tally: &Arc<Tally>, begin: Instant) {
    let tally = Arc::clone(tally);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let beat = Duration::from_millis(tally.beat.load(Ordering::Relaxed));
            if begin.elapsed() > beat + HANG {
                gaggle_prim::fatal!("soak: no job has ended for {} s", HANG.as_secs());
            }
        }
    });
}
