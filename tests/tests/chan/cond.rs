//! The half of `fixedbugs/issue9110.go` that `leaks` cannot have, as hchan knows no `Cond`: what waited for a channel,
//! then for a condition, and then for a channel again leaves nothing behind (J9, O1).

use crate::env::{go, yield_now};
use crate::heap;
use crate::tools::{until, until_receivers};
use gaggle::sync::{Cond, Mutex};
use gaggle::{chan, select};
use std::sync::Arc;

tests! { issue9110_with_cond }

const WAITERS: usize = 20;

/// Many selects whose other channel stays; a close ends them.
fn selects(cap: usize) {
    let (c, never) = (chan::<u32>(cap), chan::<u32>(0));
    let one = || {
        let (c, never) = (c.clone(), never.clone());
        go(move || select! { recv(c) -> v => v, recv(never) -> v => v, recv(c) -> v => v })
    };
    let all: Vec<_> = (0..WAITERS).map(|_| one()).collect();
    until_receivers(&c, 2 * WAITERS);
    c.close();
    all.into_iter().for_each(|one| assert_eq!(one.join().unwrap(), None));
}

/// As many wait for a condition; a broadcast ends them.
fn conditions() {
    let shared = Arc::new((Mutex::new(0), Cond::new()));
    let one = || {
        let shared = Arc::clone(&shared);
        go(move || {
            let mut waiting = shared.0.lock();
            *waiting += 1;
            shared.1.wait(&mut waiting);
        })
    };
    let all: Vec<_> = (0..WAITERS).map(|_| one()).collect();
    until(|| *shared.0.lock() == WAITERS); // whoever counted itself waits: the lock is free
    shared.1.broadcast();
    all.into_iter().for_each(|one| one.join().unwrap());
}

/// fixedbugs/issue9110.go: J7, J9; selects and conditions by turns, round after round.
fn issue9110_with_cond(cap: usize) {
    const ROUNDS: usize = 10;
    let round = || {
        selects(cap);
        yield_now();
        conditions();
        selects(cap);
    };
    let grown = || {
        let before = heap::objects();
        (0..ROUNDS).for_each(|_| round());
        heap::objects() - before
    };
    // The first ones make goroutines, which are kept; what each round leaves behind shows every time.
    let mut all = Vec::new();
    while all.last().is_none_or(|&it| it > 20) {
        assert!(all.len() < 5, "{ROUNDS} rounds left {all:?} objects behind");
        all.push(grown());
    }
}
