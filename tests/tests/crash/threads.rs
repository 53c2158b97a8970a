//! Too many threads, idle ones that end, and threads that hold signals back (SEMANTICS D7, D8, PREEMPTION).

use crate::child::{run, run_in, run_with};
use crate::report::Report;

fn text(limit: u32) -> String {
    format!("runtime: program exceeds {limit}-thread limit\nfatal error: thread exhaustion")
}

/// TestThreadExhaustion (★32, SEMANTICS D7): said once, whoever else finds it out meanwhile.
/// SEMANTICS B17, C1.
#[test]
fn one_thread_too_many_ends_the_process_with_go_s_text() {
    for procs in ["1", "2", "4"] {
        let report = Report::of(run_with("threads_exhausted", procs));
        assert_eq!(report.head, text(10), "{report:#?}");
    }
    let report = Report::of(run_with("threads_limit_lowered", "1").prints(""));
    assert_eq!(report.head, text(3), "{report:#?}");
}

/// SEMANTICS D7: 10,000 at first, and no more than fit into Go's 32 bits.
#[test]
fn the_limit_of_threads_begins_at_go_s_and_is_clamped() {
    run("threads_limits").does_well("10000\n2147483647\n2147483647\n2000\n");
}

/// TestLockOSThreadAvoidsStatePropagation (★27), with its own state (SEMANTICS A16, A18): the directory of a thread that a locked
/// goroutine took for itself is no other thread's, neither of one that it had made nor of one that comes later.
#[test]
fn the_directory_of_a_locked_thread_is_seen_by_nobody_else() {
    for procs in ["1", "2", "4"] {
        let outcome = run_with("threads_own_directory", procs);
        if outcome.stdout.starts_with("not here: ") {
            eprintln!("skipped: unshare is refused: {}", outcome.stdout);
            continue;
        }
        outcome.does_well("1\n0 true\n");
    }
}

/// SEMANTICS D10.
#[test]
fn a_thread_that_is_idle_is_used_before_one_is_made() {
    run("threads_reused").does_well("true\n");
}

/// Who slept until a timer when another thread began to sleep until an earlier one is one of those who sleep for nothing.
#[test]
fn a_thread_that_slept_for_a_timer_may_be_roused() {
    for procs in ["2", "4", "8"] {
        run_with("threads_overtaken_sleepers", procs).does_well("done\n");
    }
}

/// SEMANTICS E14: a goroutine that is stopped in the middle has a thread, which does not count.
#[test]
fn a_limit_of_threads_starves_nobody() {
    for procs in ["1", "2"] {
        run_with("threads_hogs_wait_for_the_last", procs).does_well("done\n");
        run_with("threads_hog_beside_blocked_ones", procs).does_well("done\n");
    }
}

/// In Go they need none: a goroutine that is preempted leaves its thread there.
#[test]
fn threads_that_preemption_needs_exceed_no_limit() {
    for procs in ["2", "4"] {
        for debug in ["slice=1000", "slice=10000"] {
            let variables = [("GAGGLE_DEBUG", debug), ("GOMAXPROCS", procs)];
            run_in("threads_hogs_below_a_limit", &variables).does_well("done\n");
        }
    }
}

/// SEMANTICS D9: and are kept if it is not.
#[test]
fn threads_that_are_idle_for_long_end_if_that_is_wanted() {
    for procs in ["1", "2", "4"] {
        run_with("threads_reaped", procs).does_well("done\n");
        run_with("threads_reaped_under_load", procs).does_well("done\n");
    }
}

/// SEMANTICS H1.
#[test]
fn a_deadlock_is_found_after_idle_threads_have_ended() {
    let variables = [("GAGGLE_DEBUG", "reap=10ms"), ("GOMAXPROCS", "2")];
    let report = Report::of(run_in("threads_reaped_then_deadlock", &variables).prints("few\n"));
    assert_eq!(report.head, "fatal error: all goroutines are asleep - deadlock!", "{report:#?}");
}

/// SEMANTICS A16.
#[test]
fn a_thread_that_computes_while_it_ends_is_lent_no_p() {
    run_in("threads_end_slowly", &[("GOMAXPROCS", "2"), ("GAGGLE_DEBUG", "preempt=off")])
        .does_well("done\n");
    run_with("threads_end_slowly", "2").does_well("done\n");
}

#[test]
fn an_overflow_is_reported_though_whoever_booted_held_all_signals_back() {
    let report = Report::of(run_with("threads_signals_held_back", "1"));
    assert!(report.head.ends_with("\nfatal error: stack overflow"), "{report:#?}");
}
