//! Go's tests of synctest, by hand (go/TESTS.md section 9; SEMANTICS W), and what they leave out.
//!
//! *Alone*: a test has the scheduler for itself. What is said of times is exact: they are made up.

mod channels;
#[path = "../crash/child.rs"]
mod child;
mod clock;
mod contexts;
mod deadlocks;
mod fatals;
#[path = "../sched/field.rs"]
mod field;
mod locks;
mod timers;
mod wait;
mod wait_groups;
#[path = "../sched/watchdog.rs"]
mod watchdog;

use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Runs `body` in a bubble, on a goroutine, under 1, 2 and 4 Ps.
#[track_caller]
fn bubble(body: fn()) {
    for procs in [1, 2, 4] {
        field::on(procs, move || gaggle::synctest::test(body));
    }
}
