//! `GAGGLE_SEED`: a whole program under one seed, and the one seed of an exploration.

use gaggle_hchan::chan;
use gaggle_runtime::{go, gosched};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// This very binary, as a program that runs one of the tests below under a seed.
fn program(name: &str, seed: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"])
        .env("GAGGLE_SEED", seed)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
#[ignore = "a program for the tests below"]
fn race() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        gaggle_runtime::run(|| {
            let order = chan::<u32>(64);
            for who in 0..8 {
                let order = order.clone();
                go(move || {
                    gosched();
                    order.send(who);
                    gaggle_time::sleep(Duration::from_secs(3600));
                });
            }
            let order: Vec<_> = (0..8).map(|_| order.recv().unwrap()).collect();
            gaggle_time::sleep(Duration::from_secs(7200));
            println!("order {order:?} under {:?}", gaggle_sim::seed());
        });
    }
}

fn order_under(seed: &str) -> String {
    let output = program("race", seed);
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    text.lines().find(|line| line.contains("order [")).expect("it prints it").to_owned()
}

#[test]
fn a_program_runs_the_same_way_in_every_process() {
    let first = order_under("11");
    assert!(first.ends_with("under Some(11)"), "{first}");
    assert_eq!(order_under("11"), first);
    assert_eq!(order_under("0xb"), first);
    assert_ne!(order_under("12").replace("12", "11"), first);
}

#[test]
#[ignore = "a program for the test below"]
fn panics() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        gaggle_runtime::run(|| {
            go(|| panic!("on purpose"));
            chan::<()>(0).recv();
        });
    };
}

#[test]
fn a_crash_ends_with_the_seed_that_replays_it() {
    let output = program("panics", "5");
    let text = text(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("panic: on purpose"), "{text}");
    assert!(text.contains("GAGGLE_SEED=5 replays it"), "{text}");
}

#[test]
#[ignore = "a program for the test below"]
fn one_in_many() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        gaggle_sim::explore(500, || {
            RUNS.fetch_add(1, Ordering::Relaxed);
            let number = Arc::new(AtomicU32::new(0));
            for bit in 0..4 {
                let number = Arc::clone(&number);
                go(move || {
                    let before = number.load(Ordering::Relaxed);
                    number.store(before * 4 + bit, Ordering::Relaxed);
                });
            }
            (0..8).for_each(|_| gosched());
            // The last one first, the first one last: one order of 24.
            assert_ne!(number.load(Ordering::Relaxed), 0b11_10_01_00, "run {RUNS:?}");
        });
    }
}

#[test]
fn an_exploration_prints_its_seed_and_the_seed_replays_it_in_one_run() {
    let output = program("one_in_many", "no number");
    let found = text(&output);
    assert!(!output.status.success() && found.contains("is no number"), "{found}");
    let (_, rest) = found.split_once("GAGGLE_SEED=").expect("the seed is printed");
    let seed: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let again = text(&program("one_in_many", &seed));
    assert!(again.contains("assertion `left != right` failed: run 1"), "{again}");
    assert!(again.contains(&format!("GAGGLE_SEED={seed} replays it")), "{again}");
}
