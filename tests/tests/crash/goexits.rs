//! Goexit ends a goroutine quietly, with its destructors (SEMANTICS B5, B6).

use crate::child::{Exit, run, run_with};
use crate::report::Report;

const NO_GOROUTINES: &str = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!";

#[test]
fn destructors_run_innermost_first() {
    run("goexit_destructors").does_well("inner\nouter\nmain\n");
}

/// TestGoexitDeadlock (★31) and SEMANTICS B6.
#[test]
fn main_that_exits_alone_is_a_deadlock() {
    for procs in ["1", "2", "4"] {
        let report = Report::of(run_with("goexit_main_alone", procs));
        assert_eq!(report.head, NO_GOROUTINES);
        assert!(report.goroutines.is_empty(), "{report:#?}");
    }
}

#[test]
fn the_others_finish_after_main_has_exited() {
    let outcome = run("goexit_main_others_run");
    let mut lines: Vec<_> = outcome.stdout.lines().collect();
    lines.sort_unstable(); // a machine that stalls makes all of their sleeps end at once
    assert_eq!(lines, ["1", "2", "3", "main"]);
    assert_eq!(Report::of(outcome).head, NO_GOROUTINES);
}

#[test]
fn others_that_block_for_good_get_the_ordinary_text() {
    let report = Report::from("goexit_main_others_block");
    assert_eq!(report.head, "fatal error: all goroutines are asleep - deadlock!");
    let other = report.single();
    assert_eq!((other.id, &*other.state), (2, "chan receive"));
    assert!(other.stands_in("child::wait_for_nobody"), "{other:#?}");
}

#[test]
fn who_joins_learns_of_a_goexit() {
    run("goexit_spawned").does_well("inside\nruntime.Goexit was called\n");
}

#[test]
fn who_catches_the_token_and_raises_it_again_exits() {
    run("goexit_passed_on").does_well("inner\ncaught\nmain\n");
}

/// SEMANTICS B5: it goes on where what was caught is dropped.
#[test]
fn who_catches_the_token_and_drops_it_exits() {
    run("goexit_swallowed").does_well("inner\nmain\n");
}

/// SEMANTICS B8 as far as Rust allows it: a destructor that panics during an unwind aborts.
#[test]
fn a_panic_in_a_destructor_during_a_goexit_aborts() {
    run("goexit_then_panic").ends(Exit::Signal(6)).prints("");
}

/// SEMANTICS B8, B14: a goexit is not printed, and neither are panics that were caught before it or meanwhile.
#[test]
fn what_ends_a_process_during_a_goexit_is_told_alone() {
    for program in
        ["goexit_then_fatal_after_a_caught_panic", "goexit_then_fatal_beside_a_caught_panic"]
    {
        let report = Report::from(program);
        assert_eq!(report.head, "fatal error: sync: unlock of unlocked mutex", "{program}");
    }
    let outcome = run("goexit_then_panic_after_a_caught_panic").ends(Exit::Signal(6));
    if !outcome.stderr.starts_with("panic: in a destructor\n\ngoroutine ") {
        outcome.fail("expected the one that aborts");
    }
    let outcome = run("goexit_then_overflow_after_a_caught_panic").ends(Exit::Code(2));
    let said = "\nfatal error: stack overflow\n";
    if outcome.stderr.contains("panic: ") || !outcome.stderr.contains(said) {
        outcome.fail("expected an overflow and no panic");
    }
}
