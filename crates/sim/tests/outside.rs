//! Runs beside threads that have nothing to do with them. Each program has a process of its own, which is killed if it
//! hangs: how many Ps there are is everybody's, and one starts with few goroutines that are free.
//!
//! *By The Real Clock*: the threads outside go by it.

use gaggle_context::{background, with_timeout};
use gaggle_hchan::chan;
use gaggle_runtime::{go, gomaxprocs, gosched};
use gaggle_sim::Sim;
use gaggle_sync::WaitGroup;
use programs::{LIMIT, ends_well, rest};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

mod programs;

static DONE: AtomicU32 = AtomicU32::new(0);

fn is_done() -> bool {
    DONE.load(Ordering::Acquire) != 0
}

fn done() {
    DONE.store(1, Ordering::Release);
}

#[test]
#[ignore = "a program for the test below"]
fn others_change_the_number() {
    let changes = std::thread::spawn(|| {
        while !is_done() {
            gomaxprocs(4);
            gomaxprocs(2);
        }
    });
    for seed in 0..300 {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        unsafe {
            gaggle_sim::run(seed, || {
                assert_eq!(gomaxprocs(0), 1, "at first");
                (0..3).for_each(|_| go(|| (0..3).for_each(|_| gosched())));
                (0..10).for_each(|_| gosched());
                assert_eq!(gomaxprocs(3), 1, "at last");
            });
        }
    }
    done();
    changes.join().unwrap();
}

#[test]
fn a_run_keeps_its_one_p_whatever_threads_outside_ask_for() {
    ends_well("others_change_the_number", &[]);
}

#[test]
#[ignore = "a program for the test below"]
fn many_calls_at_once() {
    let run = || {
        let sim = Sim::new(1).log(10_000);
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let report = unsafe {
            sim.run(|| {
                let all = WaitGroup::new();
                for _ in 0..1000 {
                    all.add(1);
                    let one = all.clone();
                    drop(gaggle_time::after_func(Duration::from_secs(1), move || one.done()));
                }
                all.wait();
            })
        };
        let report = report.unwrap();
        assert_eq!(report.from_outside(), 0);
        report
    };
    let first = run(); // makes the goroutines that the others find free
    for _ in 0..3 {
        let again = run();
        assert_eq!(again.log(), first.log());
        assert_eq!(again.fingerprint(), first.fingerprint());
    }
}

#[test]
fn more_calls_than_there_are_free_goroutines_come_as_the_seed_says() {
    (0..5).for_each(|_| ends_well("many_calls_at_once", &[]));
}

/// A thread that waits for a time limit of so long, and says when it is over.
fn waits_for_its_limit(limit: Duration, then: impl FnOnce() + Send + 'static) {
    let waits = Arc::new(AtomicU32::new(0));
    let told = Arc::clone(&waits);
    std::thread::spawn(move || {
        let begin = Instant::now();
        let (ctx, _cancel) = with_timeout(&background(), limit);
        told.store(1, Ordering::Release);
        ctx.done().recv();
        let elapsed = begin.elapsed();
        if elapsed < limit {
            eprintln!("a limit of {limit:?} was over after {elapsed:?}");
            std::process::exit(1);
        }
        then();
    });
    while waits.load(Ordering::Acquire) == 0 {
        rest();
    }
}

#[test]
#[ignore = "a program for the test below"]
fn others_have_limits() {
    waits_for_its_limit(Duration::from_millis(500), done);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        gaggle_sim::run(1, || gaggle_time::sleep(Duration::from_hours(1)));
    }
    let lasts = Sim::new(1).steps(u64::MAX);
    // SAFETY: as above.
    let report = unsafe {
        lasts.run(|| {
            while !is_done() {
                gosched();
                gaggle_time::sleep(Duration::from_secs(60));
            }
        })
    };
    assert_eq!(report.unwrap().from_outside(), 0, "the run did not wait for it");
}

#[test]
fn the_limits_of_threads_outside_go_by_the_real_clock_while_a_run_lasts() {
    ends_well("others_have_limits", &[]);
}

#[test]
#[ignore = "a program for the test below"]
fn waits_for_one_outside() {
    let values = chan::<u32>(0);
    let to = values.clone();
    waits_for_its_limit(Duration::from_millis(500), move || to.send(7));
    let (ctx, _cancel) = with_timeout(&background(), Duration::from_millis(700));
    let patient = Sim::new(1).patience(LIMIT);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let report = unsafe {
        patient.run(move || {
            assert_eq!(values.recv(), Some(7));
            ctx.done().recv();
        })
    };
    let report = report.unwrap();
    assert!(report.from_outside() >= 1);
    assert_eq!(report.elapsed(), Duration::ZERO, "on the clock of the run");
}

#[test]
fn a_run_that_waits_for_a_time_limit_outside_waits_by_the_real_clock() {
    ends_well("waits_for_one_outside", &[]);
}

#[test]
#[ignore = "a program for the test below"]
fn others_have_calls() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sim::run(1, || ()) };
    drop(gaggle_time::after_func(Duration::from_millis(200), || {
        if gaggle_sim::seed().is_some() {
            eprintln!("a call of a thread outside is part of the run");
            std::process::exit(1);
        }
        done();
    }));
    // SAFETY: as above.
    let report = unsafe {
        Sim::new(1).steps(u64::MAX).run(|| {
            while !is_done() {
                gosched();
            }
        })
    };
    assert_eq!(report.unwrap().from_outside(), 0);
}

#[test]
fn what_a_timer_of_a_thread_outside_calls_is_no_part_of_the_run() {
    ends_well("others_have_calls", &[]);
}
