//! Bubbles: a wait that finds all blocked comes after what they did; nothing else of a bubble orders.

use crate::Case;
use crate::support::{make, var};
use gaggle::race::Cell;
use gaggle::time::{after_func, sleep};
use gaggle::{Chan, go, synctest};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Two goroutines that do `f` in one bubble, and a channel that is closed when both are made.
fn two(f: fn(&'static Cell<i64>, &'static Chan<()>)) {
    synctest::test(move || {
        let (x, c) = (var(), make::<()>(0));
        go(move || f(x, c));
        go(move || f(x, c));
        c.close();
    });
}

pub(crate) const CASES: &[Case] = &[
    ("TestRaceSynctestGoroutinesExit", || two(|x, _| x.set(1))),
    ("TestNoRaceSynctestGoroutinesExit", || {
        synctest::test(|| {
            let x = var();
            go(move || x.set(1));
            synctest::wait();
            go(move || x.set(1));
        });
    }),
    ("TestRaceSynctestGoroutinesRecv", || {
        two(|x, c| {
            x.set(1);
            c.recv();
        });
    }),
    ("TestRaceSynctestGoroutinesUnblocked", || {
        two(|x, c| {
            c.recv();
            x.set(1);
        });
    }),
    ("TestRaceSynctestGoroutinesSleep", || {
        synctest::test(|| {
            let x = var();
            for (before, after) in [(1, 2), (2, 1)] {
                go(move || {
                    sleep(before * SECOND);
                    x.set(1);
                    sleep(after * SECOND);
                });
            }
            sleep(5 * SECOND);
        });
    }),
    ("TestRaceSynctestTimers", || {
        synctest::test(|| {
            let x = var();
            after_func(SECOND, move || x.set(1));
            after_func(2 * SECOND, move || x.set(1));
            sleep(5 * SECOND);
        });
    }),
];
