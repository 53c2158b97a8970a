//! Who falls due does not wait behind all that were started meanwhile.

use crate::field::on;
use crate::{MICRO, MILLI};
use gaggle::sync::WaitGroup;
use gaggle::{runtime, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// More than the ring of a P holds, so that most of those that are due stand on the global queue.
const SLEEPERS: usize = 1000;
/// Those that are started while they sleep.
const STARTED: usize = 20_000;

/// Fails if what a ring has no room for goes behind the global queue, whoever it is: three quarters of
/// the sleepers see nearly all the others run before them. The goroutine that keeps the P until all are there
/// must not be preempted, so the test runs in a process of its own. A few may be late: the kernel may stop
/// their thread anywhere.
#[test]
fn those_that_are_due_come_before_those_that_were_started() {
    const NAME: &str = "behind::those_that_are_due_come_before_those_that_were_started";
    const SETTING: &str = "preempt=off";
    if std::env::var("GAGGLE_DEBUG").as_deref() == Ok(SETTING) {
        return due_before_started();
    }
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    let output = again.args([NAME, "--exact"]).env("GAGGLE_DEBUG", SETTING).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

fn due_before_started() {
    on(1, || {
        let (asleep, ran) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (late, wg) = (Arc::new(AtomicUsize::new(0)), WaitGroup::new());
        for _ in 0..SLEEPERS {
            let (asleep, ran, late) = (Arc::clone(&asleep), Arc::clone(&ran), Arc::clone(&late));
            wg.go(move || {
                asleep.fetch_add(1, Ordering::Relaxed);
                time::sleep(100 * MILLI);
                if ran.load(Ordering::Relaxed) > STARTED / 2 {
                    late.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while asleep.load(Ordering::Relaxed) < SLEEPERS {
            runtime::gosched();
        }
        let begin = Instant::now();
        while begin.elapsed() < 100 * MILLI {} // all are due, and nobody has looked
        for _ in 0..STARTED {
            let ran = Arc::clone(&ran);
            wg.go(move || _ = ran.fetch_add(1, Ordering::Relaxed));
        }
        wg.wait();
        let late = late.load(Ordering::Relaxed);
        assert!(late <= SLEEPERS / 10, "{late} of {SLEEPERS} came late");
    });
}

/// Sleepers whose times come one after the other, while the others wait for their turns.
const SPREAD: usize = 10_000;

/// Fails if one that is asked to yield as it comes out of its sleep, or whom the monitor finds in
/// runnext when it ends a time slice, goes behind the global queue: every few milliseconds one did, and
/// saw all the others run before it. A few may be late: see above.
#[test]
fn one_that_is_due_when_a_time_slice_ends_does_not_wait_behind_those_that_were_started() {
    on(1, || {
        let (asleep, ran) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (late, wg) = (Arc::new(AtomicUsize::new(0)), WaitGroup::new());
        for at in 0..SPREAD {
            let (asleep, ran, late) = (Arc::clone(&asleep), Arc::clone(&ran), Arc::clone(&late));
            wg.go(move || {
                asleep.fetch_add(1, Ordering::Relaxed);
                time::sleep(20 * MILLI + at as u32 * 20 * MICRO);
                if ran.load(Ordering::Relaxed) == STARTED {
                    late.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while asleep.load(Ordering::Relaxed) < SPREAD {
            runtime::gosched();
        }
        for _ in 0..STARTED {
            let ran = Arc::clone(&ran);
            wg.go(move || {
                let begin = Instant::now();
                while begin.elapsed() < 25 * MICRO {}
                ran.fetch_add(1, Ordering::Relaxed);
            });
        }
        wg.wait();
        let late = late.load(Ordering::Relaxed);
        assert!(late <= 3, "{late} of {SPREAD} came late");
    });
}
