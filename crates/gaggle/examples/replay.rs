//! Two transfers lock two accounts, each its own first. It goes wrong once in a while; here it is found, and
//! found again.
//!
//! `cargo run --example replay`

use gaggle::sim::{Sim, Why};
use gaggle::sync::Mutex;
use gaggle::{sim, spawn};
use std::sync::Arc;

/// Moves `amount` from one account to another.
fn transfer(from: &Mutex<i64>, to: &Mutex<i64>, amount: i64) {
    let mut from = from.lock();
    let mut to = to.lock();
    *from -= amount;
    *to += amount;
}

fn day() {
    let (a, b) = (Arc::new(Mutex::new(100)), Arc::new(Mutex::new(100)));
    let (other_a, other_b) = (Arc::clone(&a), Arc::clone(&b));
    let back = spawn(move || transfer(&other_b, &other_a, 5));
    transfer(&a, &b, 7);
    back.join().expect("it does not panic");
}

fn main() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let failed = unsafe { Sim::new(0).explore(1000, day) }.expect_err("one order is wrong");
    println!("{failed}");
    assert!(matches!(failed.why(), Why::Deadlock(_)));
    // SAFETY: as above.
    let again = unsafe { Sim::new(failed.seed()).run(day) }.expect_err("it is the same run");
    assert_eq!((again.steps(), again.fingerprint()), (failed.steps(), failed.fingerprint()));
    println!("\nonce more under seed {}: the same {} steps", again.seed(), again.steps());
    assert_eq!(sim::seed(), None, "no run is going on");
}
