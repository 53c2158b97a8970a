//! Panics nobody catches end the process; those somebody catches do not (SEMANTICS B1, B10, A5).

use crate::child::{Exit, run, run_in, run_with};
use crate::report::Report;

/// Checks a crash of a goroutine that main started: Go's layout, the user's function in it.
#[track_caller]
fn crashes(program: &str, head: &str, function: &str) {
    let report = Report::from(program);
    assert_eq!(report.head, head, "{report:#?}");
    let goroutine = report.single();
    assert_eq!(goroutine.state, "running");
    assert!(goroutine.id > 1, "{goroutine:#?}");
    assert!(goroutine.stands_in(function), "{function} is not in {goroutine:#?}");
    let (parent, place) = goroutine.created_by.clone().expect("it was created by main");
    assert_eq!(parent, 1);
    assert!(place.contains("panics.rs:"), "{place}");
}

#[test]
fn the_text_is_that_of_the_panic() {
    crashes("panic_str", "panic: a plain text", "child::panics::blow_up");
    crashes("panic_string", "panic: an owned text", "child::panics::blow_up");
    crashes("panic_formatted", "panic: 42 and \"quoted\"", "child::panics::blow_up");
    let assertion =
        "panic: assertion `left == right` failed: not base 13\n\t  left: 42\n\t right: 54";
    crashes("panic_assert", assertion, "child::panics::blow_up");
}

/// It was "failed to initiate panic", by std, and not a word of what had gone wrong.
#[test]
fn a_panic_of_the_runtime_itself_is_told() {
    let outcome = run("panic_on_system_stack").ends(Exit::Code(2));
    let head = "panic: a fault of the runtime\n\ttests/src/bin/child/panics.rs:";
    assert!(outcome.stderr.starts_with(head), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("\nfatal error: panic on system stack\n"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_newline_in_the_text_gets_a_tab() {
    crashes("panic_lines", "panic: first\n\tsecond\n\tthird", "child::panics::blow_up");
}

#[test]
fn a_value_that_is_no_text_ends_the_process_too() {
    let report = Report::from("panic_value");
    assert!(report.head.starts_with("panic: ("), "{report:#?}");
    assert!(report.single().stands_in("child::panics::blow_up"), "{report:#?}");
}

#[test]
fn main_is_goroutine_1_and_nobody_created_it() {
    let report = Report::from("panic_main");
    assert_eq!(report.head, "panic: main itself");
    let main = report.single();
    assert_eq!((main.id, &*main.state), (1, "running"));
    assert!(main.stands_in("child::panics::blow_up"), "{main:#?}");
    assert_eq!(main.created_by, None);
}

/// Part of TestDoublePanic (★34, SEMANTICS B15): the parser refuses anything interleaved.
#[test]
fn two_panics_at_once_do_not_interleave() {
    for round in 0..20 {
        let outcome = run_with("panic_two", "2").ends(Exit::Code(2));
        for report in outcome.stderr.split("\npanic: ") {
            let report = Report::parse(report).unwrap_or_else(|why| outcome.fail(&why));
            assert!(
                report.head.ends_with("from the left") || report.head.ends_with("from the right")
            );
            assert!(
                report.single().stands_in("child::panics::meet_and_panic"),
                "round {round}: {report:#?}"
            );
        }
    }
}

/// SEMANTICS B15, C5: each may ask the others where they stand. (The first kept the right to, and the second waited for it
/// for two seconds.)
#[test]
fn of_two_panics_at_once_each_shows_the_other_s_goroutine() {
    for round in 0..5 {
        let variables = [("GAGGLE_TRACEBACK", "all"), ("GOMAXPROCS", "2")];
        let outcome = run_in("panic_two", &variables).ends(Exit::Code(2));
        if outcome.stderr.contains("stack unavailable") {
            outcome.fail(&format!("round {round}"));
        }
    }
}

/// SEMANTICS B15: a panic and a fatal error at the same time: each reports whole, one after the other. (Their
/// lines were mixed, and one ended the process in the middle of the other.)
#[test]
fn a_panic_and_a_fatal_error_at_once_do_not_interleave() {
    const PANIC: &str = "panic: from the left";
    const FATAL: &str = "fatal error: sync: unlock of unlocked mutex";
    for round in 0..10 {
        let outcome = run_with("panic_beside_a_fatal_error", "2").ends(Exit::Code(2));
        let later = [PANIC, FATAL].map(|head| outcome.stderr.find(head));
        let [Some(panic), Some(fatal)] = later else { outcome.fail("expected both") };
        let (first, second) = outcome.stderr.split_at(panic.max(fatal));
        let mut reports = [first, second]
            .map(|text| Report::parse(text).unwrap_or_else(|why| outcome.fail(&why)));
        reports.sort_by_key(|report| report.head != PANIC);
        let [panic, fatal] = reports;
        assert_eq!((&*panic.head, &*fatal.head), (PANIC, FATAL), "round {round}");
        assert!(panic.single().stands_in("child::panics::meet_and_panic"), "{panic:#?}");
        let it = &fatal.goroutines[0];
        assert!(it.stands_in("child::panics::meet_and_unlock"), "round {round}: {fatal:#?}");
    }
}

/// TestPanicRace (★34, SEMANTICS A5). Main waits for the crash only so long; Go's test takes one
/// of ten for a pass. Without the wait about one in three wins here.
#[test]
fn a_panic_wins_over_main_s_return() {
    const TRIES: usize = 20;
    for program in ["panic_race", "panic_race_of_one_not_joined"] {
        let crashes = (0..TRIES).filter(|_| run(program).exit == Exit::Code(2)).count();
        assert!(crashes > TRIES * 2 / 3, "{program}: the panic won {crashes} times of {TRIES}");
    }
}

#[test]
fn who_joins_gets_the_panic_and_std_s_hook_reports_it() {
    let outcome = run("panic_joined").ends(Exit::Code(0)).prints("for who joins\n");
    if !outcome.stderr.contains("panicked at") || !outcome.stderr.contains("for who joins") {
        outcome.fail("expected std's message");
    }
}

#[test]
fn a_handle_nobody_joins_leaves_the_panic_to_go_s_rule() {
    for program in ["panic_handle_dropped_before", "panic_handle_dropped_after"] {
        let outcome = run(program).ends(Exit::Code(2)).prints("");
        if !outcome.stderr.contains("\npanic: nobody joi") {
            outcome.fail("expected Go's text");
        }
    }
}

#[test]
fn a_panic_in_a_scope_goes_on_in_who_opened_it() {
    let outcome = run("panic_scoped").ends(Exit::Code(2)).prints("");
    if !outcome.stderr.contains("\npanic: in a scope\n\ngoroutine 1 [running]:\n") {
        outcome.fail("expected a crash of main");
    }
}

/// Std says them before it aborts; who only quotes them ends as with any other words. It hung.
#[test]
fn std_s_last_words_may_be_anybody_s() {
    let outcome = run("panic_in_std_s_words").ends(Exit::Code(2));
    if !outcome.stderr.contains("panic: panic in a destructor during cleanup\n\ngoroutine ") {
        outcome.fail("expected Go's text");
    }
}

/// A destructor that panics while a panic unwinds: std aborts, and so do we.
#[test]
fn a_second_panic_while_unwinding_aborts() {
    let outcome = run("panic_in_drop").ends(Exit::Signal(6)).prints("");
    if !outcome.stderr.contains("aborting") {
        outcome.fail("expected std's last words");
    }
}

#[test]
fn what_a_goroutine_catches_is_its_own_business() {
    run("panic_caught").does_well("went on\n");
    crashes("panic_caught_then_another", "panic: the fatal one", "caught_then_another");
}

#[test]
fn a_panic_raised_again_shows_where_it_began() {
    crashes("panic_caught_then_resumed", "panic: again", "caught_then_resumed");
}

/// What a destructor catches meanwhile takes nothing from the report of the panic that goes on.
#[test]
fn a_panic_is_shown_where_it_began_though_destructors_caught_others() {
    crashes("panic_caught_in_a_destructor", "panic: the outer one", "raise_the_outer_one");
}

/// Their frames were not shown: it was said that they had been reported before (SEMANTICS B1, B9).
#[test]
fn a_panic_is_shown_where_it_began_though_many_were_caught_or_its_words_have_changed() {
    let where_it_began = "raise_the_outer_one";
    crashes("panic_caught_many_in_a_destructor", "panic: the outer one", where_it_began);
    let words = "panic: in a job: the outer one";
    crashes("panic_raised_again_with_more_words", words, where_it_began);
}

/// SEMANTICS B9, B14: what a destructor caught meanwhile, and what was caught long ago, is no part of it.
#[test]
fn of_the_panics_before_an_end_only_the_one_that_unwinds_is_told() {
    const FATAL: &str = "panic: outer\n\tfatal error: sync: unlock of unlocked mutex";
    for program in ["panic_then_fatal_after_a_caught_one", "panic_after_a_caught_one_then_fatal"] {
        assert_eq!(Report::from(program).head, FATAL, "{program}");
    }
    let outcome = run("panic_then_final_after_a_caught_one").ends(Exit::Signal(6));
    if !outcome.stderr.starts_with("panic: outer\n\tpanic: final\n\ngoroutine ") {
        outcome.fail("expected the two that abort");
    }
}

/// Nobody tells the runtime of a caught panic: what was kept of thousands overflowed the stack of the
/// goroutine when it was dropped.
#[test]
fn a_goroutine_may_catch_panics_for_ever() {
    run("panic_caught_all_the_time").does_well("went on\n");
}

/// std ends the process after the hook, and what the hook had kept for the root was never said.
#[cfg(debug_assertions)]
#[test]
fn a_panic_that_cannot_unwind_says_why() {
    let outcome = run("panic_that_cannot_unwind").ends(Exit::Signal(6));
    let said = ["panic: ", "null", "\n\ngoroutine ", "child::panics::cannot_unwind"];
    if !said.iter().all(|part| outcome.stderr.contains(part)) {
        outcome.fail("expected the text and the goroutine");
    }
}

/// SEMANTICS A5: who aborts reports, too. (Main's return ended the process with 0 in the middle of it.)
#[test]
fn an_abort_wins_over_main_s_return() {
    // Under a sanitizer each takes seconds.
    const TRIES: usize = if gaggle_coro::sanitizer::ON { 4 } else { 20 };
    let program = "panic_that_aborts_while_main_returns";
    let aborts = (0..TRIES).filter(|_| run(program).exit == Exit::Signal(6)).count();
    assert!(aborts > TRIES * 2 / 3, "the abort won {aborts} times of {TRIES}");
}

/// SEMANTICS C1: a crash that is being told ends the process, and not whoever exits meanwhile. Who exits before
/// there is anything to tell is waited for by nobody.
#[test]
fn a_crash_wins_over_an_exit() {
    for _ in 0..5 {
        run("panic_while_another_thread_exits").ends(Exit::Code(2));
    }
    run("panic_whose_text_exits").ends(Exit::Code(3));
}

/// SEMANTICS B10, B13, H2: who is asked for the text of an error may die of it. (The report waited for the panic's, which
/// never came.)
#[test]
fn an_error_whose_text_is_fatal_or_never_comes_ends_the_process() {
    let fatal = run("text_is_fatal").ends(Exit::Code(2));
    assert!(fatal.stderr.starts_with("fatal error: sync: unlock of unlocked mutex\n"));
    let asleep = run("text_never_comes").ends(Exit::Code(2));
    assert!(asleep.stderr.starts_with("fatal error: all goroutines are asleep - deadlock!\n"));
}

/// SEMANTICS A5, B15: nobody waits for a text that never comes.
#[test]
fn an_error_whose_text_never_comes_keeps_nobody_from_ending() {
    let another = run("text_never_comes_beside_another").ends(Exit::Code(2));
    assert!(another.stderr.starts_with("panic: another\n\ngoroutine "), "{}", another.stderr);
    run("text_never_comes_and_main_returns").ends(Exit::Code(0));
}

/// C5, beside a handler of the program's that restarts no calls. (What was interrupted was given up.)
#[test]
fn a_report_is_whole_though_its_thread_is_interrupted() {
    for _ in 0..3 {
        let outcome = run("text_long_and_interrupted").ends(Exit::Code(2));
        let (first, rest) = outcome.stderr.split_once('\n').expect("a line");
        assert_eq!(first.len(), "panic: ".len() + 2_000_000);
        assert!(rest.contains("created by go statement in goroutine 1"), "{rest}");
    }
}

/// SEMANTICS B9: what unwinds is told, too.
#[test]
fn a_panic_whose_destructors_drop_the_handle_of_another_is_told_with_it() {
    let outcome = run("text_of_a_dropped_handle_s_panic").ends(Exit::Code(2));
    let both = "\npanic: the first\n\tpanic: nobody joins\n\ngoroutine ";
    assert!(outcome.stderr.contains(both), "{}", outcome.stderr);
}

/// SEMANTICS B1, where nothing unwinds to a root.
#[test]
fn a_panic_can_be_reported_by_the_hook() {
    crashes("panic_reported_by_the_hook", "panic: at the hook", "child::panics::blow_up");
    run("panic_reported_by_the_hook").prints("");
}

#[test]
fn a_number_is_written_as_in_go() {
    crashes("panic_number", "panic: 1e+21", "child::panics::blow_up");
}

/// TestIssue76126 (★43, SEMANTICS M5).
#[test]
fn a_panic_in_a_wait_group_never_lets_the_wait_return() {
    for _ in 0..5 {
        run("panic_in_wait_group").ends(Exit::Code(2)).prints("");
    }
    crashes("panic_in_wait_group", "panic: task", "child::panics::blow_up");
}

/// SEMANTICS C2, level `single`.
#[test]
fn a_crash_shows_only_the_goroutine_that_panicked() {
    crashes("panic_while_others_block", "panic: alone", "child::panics::blow_up");
}

/// Those that were stopped in the middle are let go, lest one of them hold the allocator: they enter the
/// runtime while the report is written, and do not disturb it.
#[test]
fn stopped_goroutines_do_not_disturb_the_report_of_a_crash() {
    for _ in 0..10 {
        let variables = [("GAGGLE_DEBUG", "slice=1000"), ("GOMAXPROCS", "2")];
        let report = Report::of(run_in("panic_beside_stopped_ones", &variables));
        assert_eq!(report.head, "panic: beside the stopped", "{report:#?}");
        assert!(report.single().stands_in("child::panics::blow_up"), "{report:#?}");
    }
}
