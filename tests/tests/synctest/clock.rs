//! The clock of a bubble (SEMANTICS W2).

use crate::field::{on, on_each};
use crate::{HOUR, SECOND, bubble};
use gaggle::sync::WaitGroup;
use gaggle::{go, spawn, synctest, time};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Midnight UTC of 2000-01-01.
fn epoch() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(946_684_800)
}

/// TestNow: W2; it begins at the epoch, in other goroutines too, and moves by what is slept.
#[test]
fn test_now() {
    bubble(|| {
        assert_eq!(time::system_now(), epoch());
        let begin = time::now();
        assert_eq!(spawn(|| (time::now(), time::system_now())).join().unwrap(), (begin, epoch()));
        for round in 1..=10_u32 {
            time::sleep(SECOND);
            assert_eq!(time::since(begin), round * SECOND);
            assert_eq!(time::system_now(), epoch() + round * SECOND);
        }
        assert_eq!(time::until(begin + 12 * SECOND), 2 * SECOND);
        assert_eq!(
            (time::since(begin + HOUR), time::until(begin)),
            (Duration::ZERO, Duration::ZERO)
        );
    });
}

/// TestMonotonicClock: instants of a bubble are instants like any other: the clock begins where the real
/// one stands.
#[test]
fn test_monotonic_clock() {
    on_each(|| {
        let before = Instant::now();
        let inside = synctest::test(time::now);
        let after = Instant::now();
        // Two notations of one clock, read one after the other.
        assert!(inside >= before && inside <= after + Duration::from_micros(1));
    });
}

/// Outside bubbles the clock is the real one, also beside a bubble.
#[test]
fn the_clock_outside_stays_the_real_one() {
    on_each(|| {
        synctest::test(|| time::sleep(HOUR));
        let (before, now, after) = (Instant::now(), time::now(), Instant::now());
        assert!(before <= now && now <= after);
        assert!(time::system_now() > epoch() + Duration::from_secs(1 << 29));
    });
}

/// TestRunEmpty.
#[test]
fn test_run_empty() {
    bubble(|| {});
}

/// W1: the value of the function comes back, and so does its panic.
#[test]
fn test_returns_what_the_function_returns() {
    on_each(|| {
        assert_eq!(synctest::test(|| vec![1, 2, 3]), [1, 2, 3]);
        let end = spawn(|| synctest::test(|| panic!("in the bubble"))).join();
        assert_eq!(end.unwrap_err().message(), "in the bubble");
    });
}

/// W1: goexit of the function is one of the caller, as `t.FailNow` is (TestFatal, TestSkip).
#[test]
fn goexit_of_the_function_ends_the_caller() {
    on_each(|| {
        let end = spawn(|| synctest::test(|| gaggle::runtime::goexit())).join();
        assert!(end.unwrap_err().is_goexit());
    });
}

/// W1: it returns when all have exited, also those that nobody joins.
#[test]
fn test_waits_for_all_it_started() {
    on_each(|| {
        let ended = WaitGroup::new();
        let theirs = ended.clone();
        synctest::test(move || {
            for depth in 0..50 {
                let ended = theirs.clone();
                go(move || {
                    go(move || {
                        (0..depth).for_each(|_| gaggle::runtime::gosched());
                        drop(ended);
                    });
                });
            }
        });
        // Every other handle is gone with its goroutine: the count would not say so.
        drop(ended);
    });
}

/// W5: no bubble in a bubble; afterwards the outer one goes on.
#[test]
fn bubbles_do_not_nest() {
    on(2, || {
        let end = spawn(|| synctest::test(|| synctest::test(|| {}))).join().unwrap_err();
        assert_eq!(end.message(), "synctest.Run called from within a synctest bubble");
        assert!(!synctest::in_bubble());
        assert!(synctest::test(synctest::in_bubble));
        assert!(synctest::test(|| spawn(synctest::in_bubble).join().unwrap()), "A10");
    });
}

/// Bubbles run beside each other, each with its own clock.
#[test]
fn many_bubbles_at_once_have_their_own_clocks() {
    on_each(|| {
        let all: Vec<_> = (1..=20_u32)
            .map(|hours| {
                spawn(move || {
                    synctest::test(move || {
                        let begin = time::now();
                        (0..hours).for_each(|_| time::sleep(HOUR));
                        time::since(begin)
                    })
                })
            })
            .collect();
        for (hours, bubble) in (1..).zip(all) {
            assert_eq!(bubble.join().unwrap(), hours * HOUR);
        }
    });
}

/// A plain thread may run one, while the scheduler runs.
#[test]
fn a_plain_thread_may_run_a_bubble() {
    on(2, || {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                std::thread::spawn(|| {
                    synctest::test(|| {
                        let begin = time::now();
                        time::sleep(HOUR);
                        assert_eq!(time::since(begin), HOUR);
                    });
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// T1: a bubble's clock is never short, and saturates at its end.
#[test]
fn sleeps_of_all_lengths_are_exact() {
    bubble(|| {
        for nanos in [1, 999, 1_000_000, 3_600_000_000_000, 1 << 55] {
            let begin = time::now();
            time::sleep(Duration::from_nanos(nanos));
            assert_eq!(time::since(begin), Duration::from_nanos(nanos));
        }
        let begin = time::now();
        time::sleep(Duration::ZERO);
        assert_eq!(time::now(), begin);
    });
}

/// W9: what the function leaves to its destructors is done in the bubble, before `test` returns.
#[test]
fn destructors_of_the_function_run_in_the_bubble() {
    struct Cleanup;
    impl Drop for Cleanup {
        fn drop(&mut self) {
            assert!(synctest::in_bubble());
            synctest::sleep(SECOND);
        }
    }
    on_each(|| {
        let end = synctest::test(|| {
            let (begin, cleanup) = (time::now(), Cleanup);
            drop(cleanup);
            time::since(begin)
        });
        assert_eq!(end, SECOND);
        synctest::test(|| {
            let _cleanup = Cleanup;
        });
    });
}
