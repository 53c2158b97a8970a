//! Stacks that cannot be had, and stacks that are too small (SEMANTICS D8).

use crate::child::{Exit, run};
use crate::report::Report;

#[test]
fn who_asks_for_a_stack_is_told_that_there_is_none() {
    run("limits_memory_asked").does_well("true 1 true\n");
}

#[test]
fn who_does_not_ask_dies_with_a_clear_text() {
    let report = Report::from("limits_memory_taken");
    let head = "fatal error: out of memory: cannot map a stack (";
    assert!(report.head.starts_with(head), "{report:#?}");
}

#[test]
fn who_has_used_up_all_memory_is_told_where_it_stands() {
    let outcome = run("limits_memory_used_up").ends(Exit::Code(2));
    let head = "fatal error: out of memory: cannot map a stack (";
    if !outcome.stderr.starts_with(head) {
        outcome.fail("expected that");
    }
    // Whoever was to begin, or main, which was to switch to it.
    let first = outcome.stderr.split("\n\n").nth(1).unwrap_or_default();
    assert!(first.contains("limits::memory_used_up") && first.contains("/limits.rs:"), "{first}");
}

#[test]
fn the_limit_of_stacks_holds_for_goroutines_that_start_later() {
    run("limits_max_stack").does_well("262144 67108864\n100000\n67108864\n");
    run("limits_max_stack_of_calls").does_well("Some(100000)\n100000\n");
    let report = Report::from("limits_max_stack_exceeded");
    let head = "runtime: goroutine stack exceeds 131072-byte limit\n";
    assert!(report.head.starts_with(head), "{report:#?}");
    assert!(report.head.ends_with("\nfatal error: stack overflow"), "{report:#?}");
}
