//! The lock-order checker: programs that could deadlock, in child processes, though they do not.
#![cfg(all(debug_assertions, not(loom)))]

mod support;

use gaggle_sync::{Mutex, RwMutex, lockorder};
use std::thread;

#[inline(never)]
fn first_a_then_b(a: &Mutex<u32>, b: &Mutex<u32>) -> u32 {
    let one = a.lock();
    let two = b.lock();
    *one + *two
}

#[inline(never)]
fn first_b_then_a(a: &Mutex<u32>, b: &Mutex<u32>) -> u32 {
    let two = b.lock();
    let one = a.lock();
    *one + *two
}

fn two_orders() {
    let (a, b) = (Mutex::new(1), Mutex::new(2));
    thread::scope(|scope| {
        scope.spawn(|| first_a_then_b(&a, &b)).join().unwrap();
        scope.spawn(|| first_b_then_a(&a, &b)).join().unwrap();
        scope.spawn(|| first_b_then_a(&a, &b)).join().unwrap();
    });
}

fn read_twice() {
    let table = RwMutex::new(1);
    let (one, two) = (table.read(), table.read()); // L2: a writer in between, and it hangs
    assert_eq!(*one + *two, 2);
}

fn one_order() {
    let locks: Vec<_> = (0..10).map(Mutex::new).collect();
    thread::scope(|scope| {
        for step in 1..5 {
            let locks = &locks;
            scope.spawn(move || {
                let held: Vec<_> = locks.iter().step_by(step).map(Mutex::lock).collect();
                assert_eq!(*held[0], 0);
            });
        }
    });
    for _ in 0..100 {
        // New locks at old places are no old locks.
        let (a, b) = (Box::new(Mutex::new(1)), Box::new(Mutex::new(2)));
        assert_eq!(first_a_then_b(&a, &b), 3);
        drop(a);
        let c = Box::new(Mutex::new(3));
        assert_eq!(first_a_then_b(&b, &c), 5);
    }
    let [a, b] = [1, 2].map(Mutex::new);
    let one = a.lock();
    assert!(b.try_lock().is_some(), "what does not wait is in nobody's way");
    drop(one);
    let two = b.lock();
    assert!(a.try_lock().is_some(), "likewise");
    drop(two);
}

const CASES: [(&str, fn()); 3] =
    [("two orders", two_orders), ("read twice", read_twice), ("one order", one_order)];

/// What the checker says about `case`, on standard error.
fn said(case: &str) -> String {
    let output = support::child("programs_that_could_deadlock_are_told", case);
    assert_eq!(output.status.code(), Some(0), "{case}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn programs_that_could_deadlock_are_told() {
    if let Some(case) = support::case() {
        lockorder::check();
        CASES.into_iter().find(|(name, _)| *name == case).unwrap().1();
        std::process::exit(0);
    }
    let text = said("two orders");
    let told = "gaggle: lock order inversion: these can wait for each other for ever\n";
    assert_eq!(text.matches(told).count(), 1, "once: {text}");
    assert!(text.contains("first_a_then_b") && text.contains("first_b_then_a"), "both: {text}");
    assert_eq!(text.matches("a plain thread wants lock ").count(), 2, "{text}");
    let text = said("read twice");
    assert!(text.starts_with("gaggle: a lock is wanted by the one who holds it\n"), "{text}");
    assert_eq!(said("one order"), "");
}

#[test]
fn holders_are_shown_with_where_and_since_when() {
    lockorder::check();
    let lock = Mutex::new(());
    let guard = lock.lock();
    let text = lockorder::holders();
    assert!(text.contains("a plain thread holds lock ") && text.contains(" since "), "{text}");
    assert!(text.contains("holders_are_shown_with_where_and_since_when"), "{text}");
    drop(guard);
}
