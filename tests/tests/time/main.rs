//! Go's tests of package time, by hand (go/TESTS.md section 8; SEMANTICS T), and what they leave
//! out.
//!
//! *Alone*: a test has the scheduler for itself and waits for all goroutines that it starts. None
//! says how long something takes, only that nothing is early, lost, or there twice.

mod after_func;
mod behind;
mod chan;
#[path = "../crash/child.rs"]
mod child;
#[path = "../sched/field.rs"]
mod field;
mod gc;
mod result;
mod sleep_test;
mod stress;
mod threads;
mod tick_test;
#[path = "../sched/watchdog.rs"]
mod watchdog;
mod zero;

use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const MILLI: Duration = Duration::from_millis(1);
const MICRO: Duration = Duration::from_micros(1);

/// Runs `body` under 1, 2 and 4 Ps by the real clock, and in a bubble, where its times are exact.
#[track_caller]
fn on_both(body: fn()) {
    field::on_each(body);
    for procs in [1, 2, 4] {
        field::on(procs, move || gaggle::synctest::test(body));
    }
}
