//! A fan-out of computing goroutines does not become a fan-out of threads.

use crate::field::on;
use gaggle::sync::WaitGroup;
use gaggle::time;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

fn compute(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

#[test]
fn hundreds_of_computing_goroutines_need_few_threads() {
    on(2, || {
        let (wg, most, done) =
            (WaitGroup::new(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let before = threads();
        for _ in 0..300 {
            let done = Arc::clone(&done);
            wg.go(move || {
                compute(Duration::from_millis(25));
                done.fetch_add(1, Ordering::Relaxed);
            });
        }
        while done.load(Ordering::Relaxed) < 300 {
            time::sleep(Duration::from_millis(20));
            most.fetch_max(threads(), Ordering::Relaxed);
        }
        wg.wait();
        let made = most.load(Ordering::Relaxed) - before;
        assert!(made < 100, "{made} threads for 300 goroutines on 2 Ps");
    });
}
