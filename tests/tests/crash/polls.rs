//! What ends a process within a future's poll is told of the goroutine that polls, with all of its frames: those
//! of the poll, on the stack that it was lent, and those of its callers on its own.

use crate::child::run;
use crate::report::{Goroutine, Report};

/// Stands in each of them, the innermost first.
#[track_caller]
fn stands_in_all(goroutine: &Goroutine, functions: &[&str]) {
    let mut frames = goroutine.frames.iter();
    for function in functions {
        assert!(frames.any(|frame| frame.contains(function)), "{function}: {goroutine:#?}");
    }
}

/// SEMANTICS D8.
#[test]
fn an_overflow_within_a_poll_is_its_goroutine_s() {
    let report = Report::of(run("poll_overflow").prints(""));
    assert!(report.head.contains("goroutine stack exceeds 262144-byte limit"), "{report:#?}");
    assert!(report.head.ends_with("fatal error: stack overflow"), "{report:#?}");
    let it = report.single();
    assert_eq!((it.id, &*it.state), (2, "running"));
    assert!(it.elided.is_some_and(|count| count > 100), "{it:#?}");
    stands_in_all(it, &["overflows::recurse", "polls::calls_the_poll", "polls::overflow"]);
    assert!(it.created_by.is_some(), "{it:#?}");
}

/// SEMANTICS B17.
#[test]
fn a_panic_within_a_poll_shows_who_polls() {
    let report = Report::of(run("poll_panic").prints(""));
    assert_eq!(report.head, "panic: within a poll");
    stands_in_all(&report.goroutines[0], &["polls::calls_the_poll", "polls::panics"]);
}

/// SEMANTICS H1, V5.
#[test]
fn who_waits_within_a_poll_is_shown_with_its_callers() {
    for (program, polls) in [("poll_deadlock", 1), ("poll_deadlock_nested", 2)] {
        let report = Report::of(run(program).prints(""));
        let waiting = |it: &&Goroutine| it.state == "chan receive" && it.id != 1;
        let it = report.goroutines.iter().find(waiting).unwrap_or_else(|| panic!("{report:#?}"));
        let is_call = |name: &&String| {
            name.starts_with("child::polls::calls_the_poll") && !name.ends_with("{{closure}}") // of whatever type
        };
        let count = it.frames.iter().filter(is_call).count();
        assert_eq!(count, polls, "{it:#?}");
        stands_in_all(it, &["wait_for_nobody", "polls::calls_the_poll", "polls::waits"]);
    }
}
