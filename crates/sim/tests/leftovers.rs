//! Runs beside goroutines that an earlier run left behind, computing. Each program has a process of its own, which is
//! killed if it hangs: nobody else has to bear with the leftovers.
//!
//! *By The Real Clock*: what computes is stopped by the scheduler's monitor.

use gaggle_hchan::chan;
use gaggle_runtime::{go, gosched, lock_os_thread};
use gaggle_sim::{Sim, Why};
use programs::ends_well;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

mod programs;

/// In every mode that takes Ps from who computes.
#[track_caller]
fn ends_well_in_all_modes(program: &str) {
    for procs in ["1", "2"] {
        for debug in ["", "slice=1000", "preempt=handoff"] {
            ends_well(program, &[("GOMAXPROCS", procs), ("GAGGLE_DEBUG", debug)]);
        }
    }
}

/// A run that leaves so many goroutines behind that compute for ever.
fn leave_behind(count: u32) {
    leave_behind_in(count, spin_loop);
}

/// The same, which do `what` all the time.
fn leave_behind_in(count: u32, what: fn()) {
    static BEGUN: AtomicU32 = AtomicU32::new(0);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        gaggle_runtime::run(move || {
            for _ in 0..count {
                go(move || {
                    BEGUN.fetch_add(1, Ordering::Relaxed);
                    loop {
                        what();
                    }
                });
            }
            while BEGUN.load(Ordering::Relaxed) < count {
                gosched();
            }
        });
    }
}

/// A replayed run of something that switches.
fn replays(seed: u64) {
    let body = || {
        let line = chan::<u32>(0);
        let theirs = line.clone();
        go(move || (0..10).for_each(|value| theirs.send(value)));
        let sum: u32 = (0..10).filter_map(|_| line.recv()).sum();
        gaggle_time::sleep(Duration::from_secs(3600));
        sum
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let report = unsafe { Sim::new(seed).run(body) }.unwrap_or_else(|failed| panic!("{failed}"));
    assert_eq!((report.from_outside(), report.into_value()), (0, Some(45)));
}

#[test]
#[ignore = "a program for the test below"]
fn beside_one() {
    leave_behind(1);
    (0..3).for_each(replays);
}

#[test]
fn a_run_begins_beside_one_that_computes() {
    ends_well_in_all_modes("beside_one");
}

#[test]
#[ignore = "a program for the test below"]
fn beside_many() {
    leave_behind(7);
    (0..3).for_each(replays);
}

#[test]
fn a_run_begins_beside_a_line_of_those_who_compute() {
    ends_well_in_all_modes("beside_many");
}

#[test]
#[ignore = "a program for the test below"]
fn locked() {
    leave_behind(2);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        gaggle_sim::run(0, || {
            go(lock_os_thread);
            gaggle_time::sleep(Duration::from_secs(1));
        });
    }
    replays(1);
}

#[test]
fn a_thread_that_ends_leaves_the_p_to_the_run() {
    ends_well_in_all_modes("locked");
}

#[test]
#[ignore = "a program for the test below"]
fn stuck() {
    leave_behind(2);
    for seed in 0..2 {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let stuck = unsafe { Sim::new(seed).run(|| chan::<()>(0).recv()) };
        let failed = stuck.expect_err("nobody sends");
        assert!(matches!(failed.why(), Why::Deadlock(_)), "{failed}");
        assert!(!failed.to_string().contains("it waited for other threads"), "{failed}");
        // SAFETY: as above.
        let left = unsafe { Sim::new(seed).run(|| go(|| assert_eq!(chan::<()>(0).recv(), None))) };
        let failed = left.expect_err("nobody sends");
        assert!(matches!(failed.why(), Why::LeftBehind(_)), "{failed}");
    }
}

#[test]
fn a_run_that_is_stuck_fails_beside_those_who_stand_in_line() {
    ends_well_in_all_modes("stuck");
}

/// As the allocator's, and that of standard output: a lock whose holder is stopped at any place.
#[expect(clippy::disallowed_types, reason = "it blocks the M, as the allocator's does")]
static LOCK: std::sync::Mutex<u64> = std::sync::Mutex::new(0);

fn hold() {
    let mut held = LOCK.lock().unwrap();
    (0..100_000).for_each(|_| spin_loop());
    *held += 1;
}

#[test]
#[ignore = "a program for the test below"]
fn locking() {
    leave_behind_in(3, hold);
    for seed in 0..3 {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let report = unsafe { Sim::new(seed).run(|| (0..3).for_each(|_| hold())) };
        report.unwrap_or_else(|failed| panic!("{failed}"));
    }
}

#[test]
fn a_run_waits_for_a_lock_of_std_s_that_somebody_holds_who_was_stopped() {
    ends_well_in_all_modes("locking");
}
