//! All goroutines are asleep: found at once, always, with everybody's reason (SEMANTICS H1-H5).

use crate::child::{Exit, first_word, run_with};
use crate::report::{Goroutine, Report};

const TEXT: &str = "fatal error: all goroutines are asleep - deadlock!";
const PROCS: [&str; 3] = ["1", "2", "4"];

/// How often the same deadlock must be found under each number of Ps.
/// Each is a process; under a sanitizer one takes most of a second.
const REPEATS: usize = if gaggle_coro::sanitizer::ON { 20 } else { 200 };

#[track_caller]
fn deadlock(program: &str, procs: &str, stdout: &str) -> Report {
    let report = Report::of(run_with(program, procs).prints(stdout));
    assert_eq!(report.head, TEXT, "GOMAXPROCS={procs}: {report:#?}");
    for goroutine in &report.goroutines {
        assert!(!goroutine.frames.iter().any(|name| is_ours(name)), "{goroutine:#?}");
    }
    report
}

/// Functions of the runtime, which a trace for users leaves out; inlined ones have no path in
/// release.
fn is_ours(function: &str) -> bool {
    let crates = ["gaggle_gopark::", "gaggle_sched::", "gaggle_hchan::", "gaggle_runtime::"];
    crates.iter().any(|name| function.contains(name)) || ["park", "switch"].contains(&function)
}

/// TestSimpleDeadlock (★31).
#[test]
fn main_alone_waits_for_nobody() {
    for procs in PROCS {
        let report = deadlock("deadlock_simple", procs, "");
        let main = report.single();
        assert_eq!((main.id, &*main.state), (1, "chan receive"));
        assert!(main.stands_in("child::wait_for_nobody"), "{main:#?}");
        assert_eq!(main.created_by, None);
    }
}

/// SEMANTICS AA6: in the order of their numbers, state and function.
const WAITERS: &[(&str, &str)] = &[
    ("sync.WaitGroup.Wait", "blocks_in_wait"),
    ("chan send", "blocks_in_send"),
    ("chan receive", "blocks_in_receive"),
    ("select", "blocks_in_select"),
    ("select (no cases)", "blocks_in_empty_select"),
    ("chan receive (nil chan)", "blocks_in_nil_receive"),
    ("sync.Mutex.Lock", "blocks_in_lock"),
    ("join", "blocks_in_join"),
    ("chan send (nil chan)", "blocks_in_nil_send"),
];

#[test]
fn every_goroutine_says_what_it_waits_for_and_who_made_it() {
    for procs in PROCS {
        let report = deadlock("deadlock_every_reason", procs, "");
        assert_eq!(report.goroutines.len(), WAITERS.len(), "{report:#?}");
        assert!(report.goroutines.is_sorted_by_key(|it| it.id), "{report:#?}");
        for (state, function) in WAITERS {
            let found = |it: &&Goroutine| it.state == *state && it.stands_in(function);
            let Some(it) = report.goroutines.iter().find(found) else {
                panic!("GOMAXPROCS={procs}: no {function} [{state}] in {report:#?}");
            };
            match &it.created_by {
                None => assert_eq!(it.id, 1),
                Some((_, place)) => assert!(place.contains("deadlocks.rs:"), "{it:#?}"),
            }
        }
    }
}

#[test]
fn it_is_found_after_work_stealing_and_timers() {
    for procs in PROCS {
        let report = deadlock("deadlock_after_work", procs, "19900\n");
        assert!(report.single().stands_in("after_work"), "{report:#?}");
    }
}

/// A timer that has fired keeps nobody alive.
#[test]
fn it_is_found_once_the_last_sleeper_has_ended() {
    for procs in PROCS {
        assert_eq!(deadlock("deadlock_after_a_sleep", procs, "").single().id, 1);
    }
}

#[test]
fn it_is_found_though_a_timeout_that_was_beaten_is_far_away() {
    for procs in PROCS {
        assert_eq!(deadlock("deadlock_after_a_timeout", procs, "Ok(7)\n").single().id, 1);
    }
}

/// SEMANTICS J10: `select`, also of one case: that one is as the plain operation is said of the statement (J4).
#[test]
fn a_select_of_cases_known_at_run_time_waits_as_a_select() {
    for procs in PROCS {
        let report = deadlock("deadlock_dynamic", procs, "");
        let states: Vec<_> = report.goroutines.iter().map(|it| &*it.state).collect();
        assert_eq!(states, ["select"; 3]);
    }
}

/// TestLockedDeadlock, TestLockedDeadlock2 (★31, SEMANTICS H5).
#[test]
fn goroutines_that_keep_their_thread_are_counted() {
    for procs in PROCS {
        let report = deadlock("deadlock_pinned", procs, "");
        assert_eq!(report.single().state, "chan receive");
        // Its own thread may be the one that finds it; what that waits in is the runtime's.
        let innermost = report.single().frames.first();
        assert!(innermost.is_some_and(|it| it.contains("wait_for_nobody")), "{report:#?}");
        let report = deadlock("deadlock_pinned_other", procs, "");
        let states: Vec<_> = report.goroutines.iter().map(|it| &*it.state).collect();
        assert_eq!(states, ["select (no cases)"; 2]);
        // And of those that `lock_os_thread` has locked, as there.
        let report = deadlock("deadlock_locked", procs, "");
        assert_eq!(report.single().state, "chan receive, locked to thread");
        let report = deadlock("deadlock_locked_other", procs, "");
        let states: Vec<_> = report.goroutines.iter().map(|it| &*it.state).collect();
        assert_eq!(states, ["select (no cases)", "select (no cases), locked to thread"]);
    }
}

/// H8: silent while a foreign thread lives, and no longer.
#[test]
fn it_is_found_when_the_last_foreign_thread_has_ended() {
    for procs in PROCS {
        let report = deadlock("deadlock_after_a_thread", procs, "the thread has ended\n");
        assert_eq!(report.single().state, "chan receive");
    }
}

#[test]
fn goroutines_left_over_by_an_earlier_run_are_shown() {
    let report = deadlock("deadlock_second_run", "2", "between\n");
    let states: Vec<_> = report.goroutines.iter().map(|it| &*it.state).collect();
    assert_eq!(states, ["chan receive (nil chan)", "chan receive"]);
}

fn is_always_found(procs: &str) {
    for at in 0..REPEATS {
        match first_word("deadlock_simple", procs) {
            Ok(line) => assert_eq!(line.trim_end(), TEXT, "run {at}"),
            Err(why) => panic!("run {at} of {REPEATS}, GOMAXPROCS={procs}: {why}"),
        }
    }
}

#[test]
fn with_one_p_it_is_always_found() {
    is_always_found("1");
}

#[test]
fn with_two_ps_it_is_always_found() {
    is_always_found("2");
}

#[test]
fn with_four_ps_it_is_always_found() {
    is_always_found("4");
}

/// TestNetpollDeadlock (★35; H7): having used the poller hides no deadlock.
#[test]
fn it_is_found_after_the_poller_was_used() {
    for procs in PROCS {
        deadlock("deadlock_after_net", procs, "");
    }
}

/// A future that gave up on a descriptor, which is still there, hides no deadlock (H7); neither does a later one that
/// waits for nobody.
#[test]
fn it_is_found_after_a_future_gave_up_on_a_socket() {
    for procs in PROCS {
        deadlock("deadlock_after_a_future", procs, "");
        deadlock("deadlock_in_a_later_future", procs, "");
    }
}

/// Who goes to sleep looks, and counts the thread that is being made; nobody looked when it was counted no longer.
#[test]
fn it_is_found_though_a_thread_cannot_be_made() {
    for _ in 0..10 {
        let outcome = run_with("deadlock_without_a_thread", "1").ends(Exit::Code(2));
        if !outcome.stderr.contains(TEXT) {
            outcome.fail("expected the deadlock");
        }
    }
}
