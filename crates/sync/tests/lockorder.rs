//! The lock-order checker: programs that could deadlock, in child processes, though they do not.
#![cfg(all(debug_assertions, not(loom)))]

mod support;

use gaggle_sync::{BareMutex, Mutex, RwMutex, lockorder};
use std::thread;

/// What the environment says if it says nothing.
const UNASKED: &str = "";

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

/// A list locked hand over hand, a tree from the root down, and two siblings in the one order they have.
fn hand_over_hand() {
    let list: Vec<_> = (0..50).map(Mutex::new).collect();
    let tree: Vec<_> = (0..63).map(Mutex::new).collect();
    thread::scope(|scope| {
        for leaf in 31..35 {
            let (list, tree) = (&list, &tree);
            scope.spawn(move || {
                let mut here = list[0].lock();
                for next in &list[1..] {
                    here = next.lock(); // the one before is given back when the next is had
                }
                assert_eq!(*here, 49);
                let down = [0, 1, 3, (leaf - 1) / 2, leaf];
                let path: Vec<_> = down.iter().map(|&at| tree[at].lock()).collect();
                let sibling = tree[leaf ^ 7].lock();
                assert_eq!(*path[4] + *sibling, leaf + (leaf ^ 7));
            });
        }
    });
}

/// K2: one locks, another unlocks; then locks of the other order are no circle.
fn a_signal() {
    let (gate, data) = (BareMutex::new(), Mutex::new(0));
    gate.lock();
    thread::scope(|scope| {
        scope.spawn(|| {
            *data.lock() += 1;
            gate.unlock();
        });
        gate.lock(); // waits for the other
        gate.unlock();
    });
    gate.lock();
    thread::scope(|scope| _ = scope.spawn(|| gate.unlock()));
    assert_eq!(*data.lock(), 1);
}

/// Two orders, but of who waits for a while only, or behind a third lock.
fn no_circles() {
    let [a, b, gate] = [1, 2, 3].map(Mutex::new);
    let behind = |one: &Mutex<u32>, two: &Mutex<u32>| {
        let _gate = gate.lock();
        assert_eq!(first_a_then_b(one, two), 3);
    };
    behind(&a, &b);
    behind(&b, &a);
    let [a, b] = [1, 2].map(Mutex::new);
    assert_eq!(first_a_then_b(&a, &b), 3);
    let two = b.lock();
    let one = a.try_lock_for(std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(*one + *two, 3);
}

const CASES: [(&str, fn()); 6] = [
    ("two orders", two_orders),
    ("read twice", read_twice),
    ("one order", one_order),
    ("hand over hand", hand_over_hand),
    ("a signal", a_signal),
    ("no circles", no_circles),
];

/// What the checker says about `case`, on standard error, if the environment says so.
fn said(case: &str, level: &str, exit: i32) -> String {
    let variables = [("GAGGLE_LOCKORDER", level)];
    let output = support::child_in("programs_that_could_deadlock_are_told", case, &variables);
    assert_eq!(output.status.code(), Some(exit), "{case}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

const TOLD: &str = "gaggle: lock order inversion: these can wait for each other for ever\n";

#[test]
fn programs_that_could_deadlock_are_told() {
    if let Some(case) = support::case() {
        CASES.into_iter().find(|(name, _)| *name == case).unwrap().1();
        std::process::exit(0);
    }
    for level in [UNASKED, "1"] {
        let text = said("two orders", level, 0);
        assert_eq!(text.matches(TOLD).count(), 1, "once: {text}");
        assert!(text.contains("first_a_then_b") && text.contains("first_b_then_a"), "both: {text}");
        assert_eq!(text.matches("a plain thread wants lock ").count(), 2, "{text}");
        assert!(text.contains("lockorder.rs:"), "where it was taken: {text}");
    }
    let text = said("read twice", "1", 0);
    assert!(text.starts_with("gaggle: a lock is wanted by the one who holds it\n"), "{text}");
    let text = said("two orders", "fatal", 2);
    assert!(text.starts_with(TOLD) && text.contains("fatal error: lock order inversion"), "{text}");
}

#[test]
fn programs_that_could_not_are_left_alone() {
    assert_eq!(said("two orders", "0", 0), "");
    for level in [UNASKED, "1"] {
        for case in ["one order", "hand over hand", "no circles"] {
            assert_eq!(said(case, level, 0), "", "{case}");
        }
    }
    // Another may give it back: only who asks for more is told of this.
    assert_eq!((said("a signal", UNASKED, 0), said("read twice", UNASKED, 0)), Default::default());
}

#[test]
fn holders_are_shown_with_where_and_since_when() {
    let lock = Mutex::new(());
    let guard = lock.lock();
    let text = lockorder::holders();
    assert!(text.contains("a plain thread holds lock ") && text.contains(" since "), "{text}");
    assert!(text.contains("tests/lockorder.rs:"), "{text}");
    drop(guard);
    lockorder::check();
    let guard = lock.lock();
    let text = lockorder::holders();
    assert!(text.contains("holders_are_shown_with_where_and_since_when"), "{text}");
    drop(guard);
}
