//! `run`: one after the other, from whatever thread; the scheduler stays (DESIGN 5).
//!
//! *By The Real Clock*: the sleeps here put threads to sleep, which a bubble's do not.

use crate::child::run_with;
use crate::field::alone;
use gaggle::{chan, go, runtime, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[test]
fn ten_thousand_runs_from_several_threads_are_served_one_at_a_time() {
    const THREADS: u32 = 4;
    const EACH: u32 = 2500;
    let _alone = alone();
    let inside = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let inside = Arc::clone(&inside);
            std::thread::spawn(move || {
                for at in 0..EACH {
                    let inside = Arc::clone(&inside);
                    let main = move || {
                        assert_eq!(inside.fetch_add(1, Ordering::AcqRel), 0, "two mains at once");
                        if at % 16 == 0 {
                            runtime::gosched();
                        }
                        inside.fetch_sub(1, Ordering::AcqRel);
                        thread * EACH + at
                    };
                    // SAFETY: nothing here touches a thread-local.
                    assert_eq!(unsafe { gaggle::run(main) }, thread * EACH + at);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn goroutines_left_over_go_on_during_the_next_run() {
    let _alone = alone();
    for procs in ["1", "2", "4"] {
        run_with("limits_left_over", procs).does_well("4950\n");
    }
    let c = chan(0);
    for _ in 0..20 {
        let theirs = c.clone();
        let first = move || {
            go(move || {
                time::sleep(Duration::from_micros(200));
                (0..10).for_each(|at| theirs.send(at));
            });
        };
        // SAFETY: nothing here touches a thread-local.
        unsafe { gaggle::run(first) };
        let mine = c.clone();
        let second = move || (0..10).filter_map(|_| mine.recv()).sum::<u32>();
        // SAFETY: as above.
        assert_eq!(unsafe { gaggle::run(second) }, 45);
    }
}

/// A value of any kind comes back, whoever waits for it.
#[test]
fn a_run_returns_main_s_value() {
    let _alone = alone();
    // SAFETY: nothing here touches a thread-local.
    let text = unsafe { gaggle::run(|| vec![String::from("main's"), String::from("value")]) };
    assert_eq!(text.join(" "), "main's value");
}
