//! Programs that measure their goroutines (SEMANTICS AC).

use crate::Program;
use crate::Start::Main;
use gaggle::{runtime, spawn, time};
use std::time::{Duration, Instant};

pub(crate) const PROGRAMS: &[Program] =
    &[("metrics_of_cpu_time", Main(cpu_time)), ("metrics_of_waits", Main(waits))];

const A_WHILE: Duration = Duration::from_millis(50);

/// Computes until the clock of this goroutine says that it has for so long.
fn computes() -> Duration {
    while runtime::cpu_time() < A_WHILE {
        (0..10_000_u64).for_each(|x| _ = std::hint::black_box(x));
        runtime::gosched();
    }
    runtime::cpu_time()
}

/// Waits most of the time, for longer than the other computes.
fn idles() -> Duration {
    (0..10).for_each(|_| time::sleep(A_WHILE / 5));
    runtime::cpu_time()
}

/// Two goroutines share threads: each has the time that it has used itself, and what a thread has used is of one of them.
fn cpu_time() {
    assert_eq!(spawn(runtime::cpu_time).join().expect("it runs"), Duration::ZERO, "not measured");
    runtime::measure_latency();
    let begin = Instant::now();
    let (busy, idle) = (spawn(computes), spawn(idles));
    let [busy, idle] = [busy, idle].map(|it| it.join().expect("it runs"));
    assert!(busy >= A_WHILE && busy <= begin.elapsed(), "{busy:?} of {:?}", begin.elapsed());
    assert!(idle > Duration::ZERO && idle < busy / 4, "{idle:?} beside {busy:?}");
    println!("done");
}

/// How many waits there were of a length that `bound` is said of, and in all.
fn counts(bound: Duration) -> (u64, u64) {
    let latencies = runtime::metrics().latencies;
    let long = latencies.buckets().filter(|(below, _)| below.is_none_or(|below| below > bound));
    (long.map(|(_, count)| count).sum(), latencies.count())
}

/// On one P, where nobody is preempted: each goroutine that is started waits once, and who joins it once more.
fn waits() {
    const ROUNDS: u64 = 100;
    runtime::measure_latency();
    let (_, before) = counts(A_WHILE);
    (0..ROUNDS).for_each(|_| spawn(|| ()).join().expect("it runs"));
    let (long, after) = counts(A_WHILE);
    println!("{}", after - before);
    let waits = spawn(|| ());
    let begin = Instant::now();
    while begin.elapsed() < A_WHILE {
        std::hint::spin_loop(); // it cannot run
    }
    waits.join().expect("it runs");
    let (longer, all) = counts(A_WHILE);
    println!("{} {}", all - after, longer > long);
}
