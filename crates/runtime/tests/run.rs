//! `run`, `go` and what a goroutine may ask: values, nesting, leftovers.

mod face;

use face::{in_child, on_main};
use gaggle_runtime::{Config, go, goid, gomaxprocs, gosched, num_cpu, num_goroutine, run, spawn};
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
    // SAFETY: it is refused.
    let end = on_main(|| spawn(|| unsafe { run(|| ()) }).join());
    let panic = end.unwrap_err();
    assert!(panic.message().starts_with("gaggle::run was called on goroutine "), "{panic}");
    assert!(panic.message().ends_with("start others with `go` or `spawn`"), "{panic}");
}

#[test]
fn a_nested_run_that_is_refused_has_changed_nothing() {
    let output = in_child("a_nested_run_that_is_refused_has_changed_nothing", || {
        let before = gomaxprocs(2);
        // SAFETY: it is refused.
        let nested = || unsafe { Config::new().procs(7).run(|| ()) };
        assert!(on_main(move || spawn(nested).join()).is_err());
        println!("there are {} of {before}", gomaxprocs(0));
    });
    if let Some(output) = output {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("there are 2 of "), "{text}");
    }
}

#[test]
fn go_before_any_run_is_refused_with_a_text_that_says_what_to_do() {
    let output = in_child("go_before_any_run_is_refused_with_a_text_that_says_what_to_do", || {
        let panic = std::panic::catch_unwind(|| go(|| println!("it ran"))).unwrap_err();
        println!("refused: {}", panic.downcast_ref::<&str>().expect("a literal text"));
        on_main(|| spawn(|| println!("now it runs")).join().unwrap());
    });
    if let Some(output) = output {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("refused: go: no run has begun in this process yet:"), "{text}");
        assert!(text.contains("#[gaggle::main]") && text.contains("now it runs"), "{text}");
        assert!(!text.contains("it ran"), "{text}");
    }
}

#[test]
fn the_main_goroutine_of_a_fresh_process_is_number_1() {
    // SEMANTICS A6.
    let output = in_child("the_main_goroutine_of_a_fresh_process_is_number_1", || {
        println!("main is {}", on_main(goid));
    });
    if let Some(output) = output {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("main is 1\n"), "{text}");
    }
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
