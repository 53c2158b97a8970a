//! Races and starvations found by review, each in a process of its own with a time limit.
//!
//! Every one of these hung, starved or died before its mend; the comment says what was wrong.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.

use gaggle_gopark::{self as gopark, Commit, Task, WaitReason};
use gaggle_lock::nanotime;
use std::hint::spin_loop;
use std::panic::Location;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What no scenario may take, however slow the machine.
const LIMIT: u64 = 60_000_000_000;
const ROLE: &str = "GAGGLE_REGRESSION";

fn run(f: impl FnOnce() + Send + 'static) {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(f), Location::caller()) };
}

fn go(f: impl FnOnce() + Send + 'static) {
    gopark::spawn(Task::new(f), Location::caller());
}

fn load(word: &AtomicU32) -> u32 {
    word.load(Ordering::Acquire)
}

/// Runs the test `name` again as a child in which `body` is what happens.
fn in_child(name: &str, procs: &str, body: fn()) {
    if std::env::var(ROLE).as_deref() == Ok(name) {
        let end = nanotime() + LIMIT;
        std::thread::spawn(move || {
            while nanotime() < end {
                std::thread::yield_now();
                #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            gaggle_prim::fatal!("the scenario hangs");
        });
        body();
        std::process::exit(0);
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(ROLE, name)
        .env("GOMAXPROCS", procs)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {:?}\n{said}", output.status);
}

fn sleep(nanos: u64) {
    let mut section = gopark::enter_timed();
    let ticket = section.current().wait().open();
    let deadline = nanotime() + nanos;
    let wake = section.park_until(WaitReason::Sleep, Commit::none(), ticket, deadline);
    assert_eq!(wake, gopark::Wake::TimedOut);
}

/// A caller of `run` that was awake, about to start its main goroutine, counted as asleep: the
/// last M going idle then saw a deadlock. No foreign thread may live, so no watchdog here.
#[test]
fn runs_in_a_row_are_no_deadlock() {
    let name = "runs_in_a_row_are_no_deadlock";
    if std::env::var(ROLE).as_deref() == Ok(name) {
        (0..20_000).for_each(|_| run(|| {}));
        std::process::exit(0);
    }
    in_child(name, "2", || {});
}

/// A pinned goroutine that blocks gave its P up without a last look at the other Ps' queues.
/// SEMANTICS F8: it goes to whoever starts for it.
#[test]
fn a_pinned_goroutine_that_blocks_leaves_no_work_behind() {
    in_child("a_pinned_goroutine_that_blocks_leaves_no_work_behind", "2", || {
        run(|| {
            for _ in 0..10 {
                let (stage, ran) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
                let (theirs, runs) = (Arc::clone(&stage), Arc::clone(&ran));
                go(move || {
                    gaggle_sched::pin(|| {
                        theirs.store(1, Ordering::Release);
                        while load(&theirs) != 2 {
                            spin_loop(); // the other P is busy
                        }
                        sleep(50_000_000); // blocks, pinned
                    });
                    theirs.store(3, Ordering::Release);
                });
                while load(&stage) != 1 {
                    spin_loop();
                }
                go(move || runs.store(1, Ordering::Release)); // no P is idle now
                stage.store(2, Ordering::Release);
                while load(&ran) == 0 {
                    spin_loop(); // only the other P can run it
                }
                while load(&stage) != 3 {
                    gaggle_sched::gosched();
                }
            }
        });
    });
}

static STOP: AtomicU32 = AtomicU32::new(0);

fn respawn() {
    if load(&STOP) == 0 {
        go(respawn);
    }
}

/// A goroutine that starts its successor and returns passed the time slice on for ever: the
/// request to yield was answered by nobody (SEMANTICS E3, E14).
#[test]
fn a_chain_of_successors_does_not_starve_the_rest() {
    in_child("a_chain_of_successors_does_not_starve_the_rest", "1", || {
        run(|| {
            go(respawn);
            gaggle_sched::gosched();
            sleep(1_000_000);
            STOP.store(1, Ordering::Release);
        });
    });
}

static FIRED: AtomicU32 = AtomicU32::new(0);

/// A plain thread's timer stands in nobody's heap; a lone goroutine that yields never looked there.
#[test]
fn a_plain_threads_timer_fires_beside_a_yielding_goroutine() {
    in_child("a_plain_threads_timer_fires_beside_a_yielding_goroutine", "1", || {
        run(|| {
            let due = nanotime() + 1_000_000;
            std::thread::spawn(move || {
                let fire = |_: *const ()| FIRED.store(1, Ordering::Release);
                // SAFETY: the call stores a number; it needs no argument.
                unsafe { gaggle_sched::call_at(due, fire, core::ptr::null()) };
            });
            while load(&FIRED) == 0 {
                gaggle_sched::gosched();
            }
        });
    });
}

/// Starts and ends were summed in an order that could lose starts (SEMANTICS A11).
#[test]
fn the_number_of_goroutines_never_misses_main() {
    in_child("the_number_of_goroutines_never_misses_main", "4", || {
        run(|| {
            let watcher = std::thread::spawn(|| {
                let least = (0..200_000).map(|_| gaggle_sched::num_goroutine()).min();
                STOP.store(1, Ordering::Release);
                least
            });
            while load(&STOP) == 0 {
                let ended = Arc::new(AtomicU32::new(0));
                for _ in 0..8 {
                    let ended = Arc::clone(&ended);
                    go(move || {
                        ended.fetch_add(1, Ordering::Release);
                    });
                }
                while load(&ended) < 8 {
                    gaggle_sched::gosched();
                }
            }
            assert!(watcher.join().unwrap() >= Some(1));
        });
    });
}

/// Goroutines in the ring of a P beyond a lowered GOMAXPROCS, whose owner computes, could not be
/// stolen, and an M spun on them.
#[test]
fn work_on_a_p_beyond_gomaxprocs_is_stolen() {
    in_child("work_on_a_p_beyond_gomaxprocs_is_stolen", "4", || {
        run(|| {
            let (stage, ran) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
            for _ in 0..3 {
                let (stage, ran) = (Arc::clone(&stage), Arc::clone(&ran));
                go(move || {
                    stage.fetch_add(1, Ordering::AcqRel);
                    while load(&stage) < 4 {
                        std::thread::yield_now(); // all four Ps are busy: nobody steals
                    }
                    for _ in 0..10 {
                        let ran = Arc::clone(&ran);
                        go(move || {
                            ran.fetch_add(1, Ordering::AcqRel);
                        });
                    }
                    stage.fetch_add(1, Ordering::AcqRel);
                    while load(&ran) < 30 {
                        std::thread::yield_now(); // holds its P until others have run them all
                    }
                });
            }
            while load(&stage) < 3 {
                std::thread::yield_now();
            }
            stage.fetch_add(1, Ordering::AcqRel);
            while load(&stage) < 7 {
                std::thread::yield_now();
            }
            let shrinks = std::thread::spawn(|| gaggle_sched::gomaxprocs(2));
            while load(&ran) < 30 {
                sleep(1_000_000);
            }
            shrinks.join().unwrap();
        });
    });
}
