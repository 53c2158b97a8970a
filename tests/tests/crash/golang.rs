//! Go's runtime/crash_test.go and traceback_test.go, ported by hand, as far as Rust has what they are
//! about (SEMANTICS B5-B11, AA1-AA6).

use crate::child::{Exit, Outcome, run, run_in};
use crate::report::{Goroutine, Report};

/// TestNoHelperGoroutines: timers and the runtime's own threads are nobody's goroutine.
#[test]
fn only_goroutine_1_is_shown_though_there_are_timers() {
    let report = Report::of(run_in("go_no_helper_goroutines", &[("GAGGLE_TRACEBACK", "all")]));
    assert_eq!(report.head, "panic: oops");
    assert_eq!(report.single().id, 1);
}

/// TestPanicDeadlockGosched, TestPanicDeadlockSyscall (SEMANTICS B10): the words of an error may yield,
/// print and wait, and are asked for once.
#[test]
fn the_words_of_an_error_may_yield_print_and_wait() {
    for procs in ["1", "2"] {
        let head = |program| {
            let outcome = run_in(program, &[("GOMAXPROCS", procs)]);
            let stdout = outcome.stdout.clone();
            (Report::of(outcome).head, stdout)
        };
        assert_eq!(head("go_error_yields"), ("panic: errorThatGosched".into(), "".into()));
        assert_eq!(head("go_error_prints"), ("2\npanic: 3".into(), "1\n".into()));
        assert_eq!(head("go_error_waits"), ("panic: waited for Some(4)".into(), "".into()));
    }
}

/// TestPanicLoop, TestPanicWhilePanicking (SEMANTICS B11).
#[test]
fn an_error_that_panics_when_asked_is_a_fatal_error() {
    let report = Report::from("go_error_panics");
    let head = "fatal error: panic while printing panic value: inside the words";
    assert_eq!(report.head, head, "{report:#?}");
}

/// Whoever joins has the panic; nobody asks for its words.
#[test]
fn the_words_of_an_error_are_not_asked_for_if_somebody_catches_it() {
    run("go_error_panics_in_spawn").ends(Exit::Code(0)).prints("true\n");
}

/// TestGoexitInPanic, as far as Rust has it (B7): a destructor cannot leave an unwinding by another one, so
/// the process aborts, and says why it unwound.
#[test]
fn a_goexit_in_a_destructor_during_a_panic_aborts() {
    let outcome = run("go_goexit_in_panic").ends(Exit::Signal(6)).prints("");
    if !outcome.stderr.starts_with("panic: hello\n\ngoroutine 2 [running]:\n") {
        outcome.fail("expected the panic");
    }
}

/// TestRecoveredPanicAfterGoexit (SEMANTICS B8).
#[test]
fn a_panic_that_a_destructor_catches_does_not_end_a_goexit() {
    for _ in 0..3 {
        let report = Report::of(run("go_recovered_panic_after_goexit").prints("true\n"));
        let head = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!";
        assert_eq!(report.head, head, "{report:#?}");
        assert!(report.goroutines.is_empty(), "{report:#?}");
    }
}

/// TestGoexitCrash's kin (SEMANTICS B6): who joins keeps nobody alive.
#[test]
fn goroutines_that_join_each_other_end_after_main_has_exited() {
    for procs in ["1", "2"] {
        let outcome = run_in("go_goexit_while_others_join", &[("GOMAXPROCS", procs)]);
        let report = Report::of(outcome.prints("6\n"));
        assert!(report.head.starts_with("fatal error: no goroutines"), "{report:#?}");
    }
}

#[test]
fn what_a_destructor_of_goroutine_local_values_leaves_is_not_the_next_goroutine_s() {
    run("go_goexit_in_locals").does_well("0\n");
}

fn dump_of(outcome: Outcome) -> Vec<Goroutine> {
    let outcome = outcome.ends(Exit::Code(0));
    let text = format!("\n\n{}", outcome.stdout);
    Report::parse(&text).unwrap_or_else(|why| outcome.fail(&why)).goroutines
}

/// TestTracebackElision (SEMANTICS AA4): what is shown and what is said to be left out are all there is,
/// whatever the depth, and both ends are shown.
#[test]
fn the_frames_that_are_left_out_are_counted() {
    const DEPTHS: [usize; 11] = [10, 90, 96, 97, 98, 99, 100, 101, 102, 150, 400];
    let mut all = dump_of(run("go_elision"));
    let main = all.remove(0);
    assert_eq!((main.id, all.len()), (1, DEPTHS.len()));
    all.sort_by_key(|it| it.frames.len() + it.elided.unwrap_or(0));
    let beyond = all[0].frames.len() - DEPTHS[0];
    for (it, depth) in all.iter().zip(DEPTHS) {
        let count = it.frames.len() + it.elided.unwrap_or(0);
        assert_eq!(count, depth + beyond, "depth {depth}: {it:#?}");
        assert!(it.frames.len() <= 100, "depth {depth}: {it:#?}");
        assert!(it.frames[0].ends_with("golang::deeper"), "depth {depth}: {it:#?}");
        let (mut ends, elision) = (it.frames.iter().rev().take(2), "golang::elision_of");
        assert!(ends.any(|frame| frame.ends_with(elision)), "depth {depth}: {it:#?}");
    }
    assert!(all[0].elided.is_none() && all[10].elided.is_some_and(|count| count > 300));
}

/// TestTracebackParentChildGoroutines, TestStackAllOutput (SEMANTICS AA5).
#[test]
fn each_goroutine_names_the_one_that_started_it() {
    let all = dump_of(run("go_parents"));
    let parents: Vec<_> = all.iter().map(|it| it.created_by.as_ref().map(|by| by.0)).collect();
    assert_eq!(parents, [None, Some(1), Some(2), Some(3), Some(4)]);
    assert!(all[1..].iter().all(|it| it.stands_in("golang::child_of")), "{all:#?}");
}
