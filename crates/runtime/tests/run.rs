//! `run`, `go` and what a goroutine may ask: values, nesting, leftovers.

mod face;

use face::on_main;
use gaggle_runtime::{go, goid, gomaxprocs, gosched, num_cpu, num_goroutine, run, spawn};
use std::sync::mpsc;

#[test]
fn run_returns_the_value_of_main() {
    assert_eq!(on_main(|| vec![1, 2, 3]), [1, 2, 3]);
}

#[test]
fn runs_from_several_threads_all_return() {
    let threads: Vec<_> = (0..8).map(|i| std::thread::spawn(move || on_main(move || i))).collect();
    let sum: i32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(sum, 28);
}

#[test]
fn goroutines_left_over_go_on_after_run_has_returned() {
    let (sender, receiver) = mpsc::channel();
    let (start, gate) = mpsc::channel();
    on_main(move || {
        go(move || {
            while gate.try_recv().is_err() {
                gosched();
            }
            sender.send("still here").unwrap();
        });
    });
    start.send(()).unwrap();
    assert_eq!(receiver.recv(), Ok("still here"));
}

#[test]
fn a_nested_run_is_refused_with_a_text_that_says_what_to_do() {
    if on_main(goid) == 0 {
        return; // no goroutines but threads here: nothing can be nested
    }
    // SAFETY: it is refused.
    let end = on_main(|| spawn(|| unsafe { run(|| ()) }).join());
    let panic = end.unwrap_err();
    assert!(panic.message().starts_with("gaggle::run was called on goroutine "), "{panic}");
    assert!(panic.message().ends_with("start others with `go` or `spawn`"), "{panic}");
}

#[test]
fn a_plain_thread_has_no_number() {
    // SEMANTICS A6: numbers begin at 1.
    assert_eq!(goid(), 0);
}

#[test]
fn the_numbers_of_a_running_program_make_sense() {
    // SEMANTICS A11, D1, D5.
    on_main(|| {
        assert!(num_goroutine() >= 1);
        assert!(num_cpu() >= 1);
        let now = gomaxprocs(0);
        assert!(now >= 1);
        assert_eq!(gomaxprocs(now), now);
    });
}
