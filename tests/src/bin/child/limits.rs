//! Programs that ask how many, or that end while others run (SEMANTICS A4, A6, D2).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::sync::WaitGroup;
use gaggle::{go, runtime, time};
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("limits_procs", Main(|| println!("{} {}", runtime::gomaxprocs(0), runtime::num_cpu()))),
    ("limits_main_returns", Main(main_returns)),
    ("limits_ids", Main(ids)),
    ("limits_count", Main(|| println!("{}", runtime::num_goroutine()))),
    ("limits_left_over", Thread(left_over)),
];

/// Nobody waits for the others, and their destructors do not run.
fn main_returns() {
    struct Says;
    impl Drop for Says {
        fn drop(&mut self) {
            println!("a destructor ran");
        }
    }
    for _ in 0..100 {
        go(|| {
            let _says = Says;
            time::sleep(Duration::from_secs(3600));
        });
    }
    go(|| {
        loop {
            runtime::gosched();
        }
    });
    runtime::gosched();
    println!("main returns");
}

/// Numbers begin with main's 1, are never used again, and come to each P in batches.
fn ids() {
    runtime::gomaxprocs(1);
    println!("{}", runtime::goid());
    for _ in 0..40 {
        let wg = WaitGroup::new();
        wg.go(|| println!("{}", runtime::goid()));
        wg.wait();
    }
}

/// A goroutine of the first run goes on during the second.
fn left_over() {
    let c = gaggle::chan(0);
    let theirs = c.clone();
    let send = move || {
        go(move || {
            time::sleep(Duration::from_millis(5));
            for at in 0..100 {
                theirs.send(at);
            }
        });
    };
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(send) };
    // SAFETY: as above.
    let sum = unsafe { gaggle::run(move || (0..100).filter_map(|_| c.recv()).sum::<u32>()) };
    println!("{sum}");
}
