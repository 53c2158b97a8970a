//! The user's mistakes have Go's words (SEMANTICS B12, B16) or words that say what to do.

use crate::child::{Exit, run, run_in};
use crate::report::Report;

#[test]
fn go_before_any_run_says_what_to_do() {
    let outcome = run("misuse_go_before_run").ends(Exit::Code(101)).prints("");
    let words = ["go: no run has begun", "#[gaggle::main]", "#[gaggle::test]", "gaggle::run"];
    if !words.iter().all(|word| outcome.stderr.contains(word)) {
        outcome.fail("expected advice");
    }
    if !outcome.stderr.contains("misuse.rs:") {
        outcome.fail("expected the place of the call");
    }
}

/// Panics of main with these words.
#[track_caller]
fn panics(program: &str, text: &str) {
    let outcome = run(program).prints("");
    let report = Report::of(outcome);
    assert_eq!(report.head, format!("panic: {text}"), "{report:#?}");
    let main = report.single();
    assert_eq!((main.id, &*main.state), (1, "running"));
    assert!(main.stands_in("child::misuse"), "{main:#?}");
}

#[test]
fn a_nested_run_is_refused() {
    let outcome = run("misuse_nested_run").prints("");
    let report = Report::of(outcome);
    let text = "panic: gaggle::run was called on goroutine 1: ";
    assert!(report.head.starts_with(text), "{report:#?}");
}

#[test]
fn too_many_ps_are_refused() {
    panics("misuse_gomaxprocs", "gomaxprocs: 5000 is above the most there can be, 1024");
}

#[test]
fn channels_panic_with_go_s_words() {
    panics("misuse_send_on_closed", "send on closed channel");
    panics("misuse_blocked_send_closed", "send on closed channel");
    panics("misuse_close_nil", "close of nil channel");
    panics("misuse_close_closed", "close of closed channel");
}

#[test]
fn a_wait_group_below_zero_panics_with_go_s_words() {
    panics("misuse_negative_wait_group", "sync: negative WaitGroup counter");
}

/// SEMANTICS B13, K3: nothing catches it, no destructor runs.
#[test]
fn to_unlock_an_unlocked_mutex_is_fatal() {
    for program in ["misuse_unlock", "misuse_unlock_caught"] {
        let report = Report::of(run(program).prints(""));
        assert_eq!(report.head, "fatal error: sync: unlock of unlocked mutex", "{report:#?}");
        assert_eq!(report.single().id, 1);
    }
}

/// SEMANTICS C2: what one goroutine has done wrong is shown of that one, and of all if that is asked for.
#[test]
fn a_fault_of_one_goroutine_is_shown_of_that_one() {
    let count = |variables: &[(&str, &str)]| {
        Report::of(run_in("misuse_unlock_among_others", variables).prints("")).goroutines.len()
    };
    assert_eq!(count(&[]), 1);
    assert_eq!(count(&[("GAGGLE_TRACEBACK", "all")]), 4);
}

/// SEMANTICS B13, L4.
#[test]
fn to_unlock_an_unlocked_rw_mutex_is_fatal() {
    const WRITE: &str = "fatal error: sync: Unlock of unlocked RWMutex";
    const READ: &str = "fatal error: sync: RUnlock of unlocked RWMutex";
    for (program, head) in [
        ("misuse_rw_unlock", WRITE),
        ("misuse_rw_unlock_caught", WRITE),
        ("misuse_runlock", READ),
        ("misuse_runlock_locked", READ),
    ] {
        let report = Report::of(run(program).prints(""));
        assert_eq!(report.head, head, "{report:#?}");
        assert_eq!(report.single().id, 1);
    }
}
