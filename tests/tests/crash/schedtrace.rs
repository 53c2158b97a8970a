//! What the scheduler's trace counts, and in which order it tells it (SEMANTICS AB).

use crate::child::{Exit, run_in};

/// The words behind `name` in the lines that begin with `head`.
fn values<'a>(text: &'a str, head: &str, name: &str) -> Vec<&'a str> {
    let lines = text.lines().filter(|line| line.starts_with(head));
    lines.filter_map(|line| line.split_once(name)?.1.split(' ').next()).collect()
}

/// What was said when all waited: the last time may have been cut short by the end, and before that main may have ended,
/// where a sanitizer takes its time.
fn last_whole(text: &str) -> &str {
    let mut whole = text.rsplit("SCHED ").skip(1);
    whole.find(|trace| trace.contains("  G1: ")).expect("it was said often")
}

/// SEMANTICS AB2: Ps, Ms with the newest first, goroutines in the order in which their places were made.
#[test]
fn goroutines_are_told_in_the_order_in_which_they_were_made() {
    let variables = [("GAGGLE_DEBUG", "schedtrace=20,scheddetail=1"), ("GOMAXPROCS", "1")];
    let outcome = run_in("trace_many_that_wait", &variables).ends(Exit::Code(0));
    let last = last_whole(&outcome.stderr);
    let number = |line: &str| line.trim_start()[1..].split(':').next()?.parse::<u64>().ok();
    let goroutines = last.lines().filter(|line| line.starts_with("  G"));
    let numbers: Vec<u64> = goroutines.filter_map(number).collect();
    assert_eq!(numbers.len(), 602, "{last}");
    assert_eq!(numbers[0], 1, "{numbers:?}");
    // Which of the first few places is used first depends on who takes some for later.
    assert!(numbers[..64].iter().all(|&it| it < 128) && numbers[64..].is_sorted(), "{numbers:?}");
}

/// SEMANTICS A15, AB2: a goroutine that waits runs nowhere, though its thread waits with it.
#[test]
fn who_keeps_its_thread_runs_nowhere_while_it_waits() {
    let variables = [("GAGGLE_DEBUG", "schedtrace=20,scheddetail=1"), ("GOMAXPROCS", "1")];
    let outcome = run_in("trace_many_that_wait", &variables).ends(Exit::Code(0));
    let last = last_whole(&outcome.stderr);
    assert!(last.lines().any(|line| {
        line.starts_with("  G602: status=4(chan receive) m=nil lockedm=")
            && !line.ends_with("lockedm=nil")
    }));
    assert!(last.lines().any(|line| line.contains(" curg=nil ") && line.ends_with("lockedg=602")));
    assert!(
        last.contains(" gcwaiting=false nmidlelocked=1 stopwait=0 sysmonwait=false\n"),
        "{last}"
    );
}

/// SEMANTICS AB2: who is in a system call is neither waiting nor running, announced or not.
#[test]
fn who_is_in_a_call_is_told_so() {
    let variables = [("GAGGLE_DEBUG", "schedtrace=20,scheddetail=1"), ("GOMAXPROCS", "2")];
    let outcome = run_in("trace_calls", &variables).ends(Exit::Code(0));
    let in_calls =
        |trace: &str| trace.lines().filter(|line| line.contains(": status=3() m=")).count();
    let most = outcome.stderr.split("SCHED ").map(in_calls).max();
    assert_eq!(most, Some(2), "{}", outcome.stderr);
}

/// SEMANTICS AB1, A13: who yielded stands in the global queue, to whoever counts.
#[test]
fn who_yielded_is_counted_with_the_global_queue() {
    let variables = [("GAGGLE_DEBUG", "schedtrace=10"), ("GOMAXPROCS", "1")];
    let outcome = run_in("trace_those_who_yield", &variables).ends(Exit::Code(0));
    let queued = values(&outcome.stderr, "SCHED ", " runqueue=");
    let some = queued.iter().filter(|count| ["2", "3"].contains(count)).count();
    assert!(some >= 2 && some * 2 >= queued.len(), "{}", outcome.stderr);
}

/// A period beyond all clocks: one line, and then never again.
#[test]
fn a_period_without_end_is_one() {
    let variables = [("GAGGLE_DEBUG", "schedtrace=18446744073709551615"), ("GOMAXPROCS", "1")];
    let outcome = run_in("trace_those_who_yield", &variables).ends(Exit::Code(0));
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
}
