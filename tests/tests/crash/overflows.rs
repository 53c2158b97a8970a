//! A goroutine that runs out of stack ends the process with its trace (SEMANTICS D8); other
//! faults end it as they do without us.

use crate::child::{Exit, Outcome, run, run_and_signal, run_in};
use crate::report::{Goroutine, Report};

/// Linux's numbers.
const SIGABRT: i32 = 6;
const SIGSEGV: i32 = 11;

/// Checks the three lines and returns the goroutine.
#[track_caller]
fn overflow(outcome: Outcome) -> Goroutine {
    let mut report = Report::of(outcome);
    let lines: Vec<_> = report.head.lines().collect();
    let [limit, place, text] = lines[..] else { panic!("{report:#?}") };
    assert_eq!(text, "fatal error: stack overflow");
    let bytes = limit
        .strip_prefix("runtime: goroutine stack exceeds ")
        .and_then(|rest| rest.strip_suffix("-byte limit"))
        .and_then(|bytes| bytes.parse::<usize>().ok());
    assert_eq!(bytes, Some(256 << 10), "{limit}");
    assert!(place.starts_with("runtime: sp=0x") && place.contains(" stack=[0x"), "{place}");
    let goroutine = report.goroutines.pop().expect("a goroutine");
    assert!(report.goroutines.is_empty(), "{report:#?}");
    assert_eq!(goroutine.state, "running");
    goroutine
}

/// TestStackOverflow, with our own limit.
/// SEMANTICS B17, D8.
#[test]
fn endless_recursion_shows_its_trace_without_the_middle() {
    for program in ["overflow_deep", "overflow_spawned"] {
        let it = overflow(run(program).prints(""));
        assert_eq!(it.id, 2);
        assert!(it.elided.is_some_and(|count| count > 100), "{:?}", it.elided);
        assert_eq!(it.frames.len(), 100, "fifty and fifty");
        let recursing = it.frames.iter().filter(|name| name.ends_with("overflows::recurse"));
        assert!(recursing.count() > 90, "{:?}", it.frames);
        assert!(it.stands_in("overflows::deep"), "{:?}", it.frames);
    }
}

#[test]
fn main_overflows_as_goroutine_1() {
    let it = overflow(run("overflow_main").prints(""));
    assert_eq!((it.id, it.created_by), (1, None));
}

/// SEMANTICS B14, D8.
#[test]
fn an_overflow_while_a_panic_unwinds_comes_after_that_panic() {
    let report = Report::from("overflow_in_unwinding");
    let lines: Vec<_> = report.head.lines().collect();
    let [first, limit, _, text] = lines[..] else { panic!("{report:#?}") };
    assert_eq!((first, text), ("panic: the first word", "\tfatal error: stack overflow"));
    assert!(limit.starts_with("runtime: goroutine stack exceeds "), "{limit}");
    assert!(report.goroutines[0].stands_in("overflows::deep"), "{report:#?}");
}

#[test]
fn one_frame_that_jumps_over_the_whole_stack_is_an_overflow() {
    let it = overflow(run("overflow_frame").prints(""));
    assert!(it.stands_in("overflows::one_frame"), "{it:#?}");
}

/// A value moves by way of its sender's stack, so that must have room for it.
#[test]
fn a_value_larger_than_the_stack_of_its_sender_is_an_overflow() {
    let it = overflow(run("overflow_value").prints(""));
    assert!(it.stands_in("overflows::large_value"), "{it:#?}");
}

#[test]
fn a_goroutine_that_has_migrated_overflows_under_its_own_number() {
    for _ in 0..3 {
        let it = overflow(run("overflow_migrated").prints("migrated\n"));
        assert_eq!(it.id, 8, "it was started after six others");
        assert!(it.stands_in("overflows::recurse"), "{it:#?}");
    }
}

/// The lock of standard output is held by the goroutine that dies.
#[test]
fn an_overflow_inside_print_is_reported() {
    let it = overflow(run("overflow_print"));
    assert!(it.stands_in("overflows::Endless"), "{it:#?}");
}

/// Whoever dies may hold the allocator's lock.
#[test]
fn an_overflow_inside_malloc_is_reported() {
    let it = overflow(run("overflow_in_malloc").prints(""));
    assert!(it.stands_in("deeper"), "{it:#?}");
}

#[test]
fn two_overflows_at_once_are_one_report() {
    for _ in 0..5 {
        let it = overflow(run("overflow_two").prints(""));
        assert!(it.id == 2 || it.id == 3, "{it:#?}");
    }
}

/// A panic, and behind it what begins with `other`; or that alone. Each for itself is a report.
fn reports_of<'a>(outcome: &'a Outcome, other: &str) -> &'a str {
    let Some(at) = outcome.stderr.find(other) else { outcome.fail("it is missing") };
    let (panic, rest) = outcome.stderr.split_at(at);
    if !panic.is_empty() {
        let report = Report::parse(panic).unwrap_or_else(|why| outcome.fail(&why));
        assert_eq!(report.head, "panic: beside", "{report:#?}");
        assert!(report.goroutines.len() > 20, "not a whole one: {report:#?}");
    }
    rest
}

/// SEMANTICS B15: reports take turns, whatever they are about.
#[test]
fn an_overflow_or_a_quit_beside_a_panic_mixes_no_lines() {
    for procs in ["1", "2"] {
        for _ in 0..4 {
            let variables = [("GOMAXPROCS", procs), ("GAGGLE_TRACEBACK", "all")];
            let outcome = run_in("overflow_beside_panic", &variables).ends(Exit::Code(2));
            let rest = reports_of(&outcome, "runtime: goroutine stack exceeds");
            let report = Report::parse(rest).unwrap_or_else(|why| outcome.fail(&why));
            assert!(report.head.ends_with("\nfatal error: stack overflow"), "{report:#?}");
            assert!(report.single().stands_in("overflows::recurse"), "{report:#?}");

            let outcome = run_and_signal("quit_beside_panic", &variables, libc::SIGQUIT);
            let outcome = outcome.ends(Exit::Code(2));
            if !outcome.stderr.contains("SIGQUIT: quit") {
                continue; // the panic was faster
            }
            let rest = reports_of(&outcome, "SIGQUIT: quit");
            let Some((rest, _)) = rest.rsplit_once("\n\n") else { outcome.fail("no registers") };
            let report = Report::parse(rest).unwrap_or_else(|why| outcome.fail(&why));
            assert!(report.goroutines.len() > 20, "{report:#?}");
        }
    }
}

/// The thread that shows stacks was asked for the quit's while the overflow had its turn, so that shows addresses.
#[test]
fn an_overflow_that_is_asked_to_quit_shows_where_it_is() {
    let outcome = run("quit_in_overflow").ends(Exit::Code(2));
    let (_, rest) =
        outcome.stderr.split_once("\nfatal error: stack overflow\n").unwrap_or_default();
    let (_, frames) = rest.split_once(" [running]:\n").unwrap_or_default();
    let addresses = frames.lines().take_while(|line| line.starts_with("\t0x")).count();
    if addresses < 10 || outcome.stderr.contains("SIGQUIT") {
        outcome.fail("no addresses, or another report beside it");
    }
}

/// Who overflows may stand in line for a P at that moment: one in eight was nobody then.
#[test]
fn a_goroutine_that_is_being_preempted_overflows_under_its_own_number() {
    for _ in 0..30 {
        let it = overflow(run_in(
            "overflow_beside_hogs",
            &[("GAGGLE_DEBUG", "slice=100"), ("GOMAXPROCS", "1")],
        ));
        assert!(it.id > 1 && it.created_by.is_some(), "{it:#?}");
        assert!(it.stands_in("overflows::recurse_slowly"), "{it:#?}");
    }
}

/// SEMANTICS C1, C2: SIGABRT at level `crash`. The trace is there at level `none` too: for Go, an overflow is a throw.
#[test]
fn the_level_says_how_an_overflow_ends() {
    let at_level = |level| run_in("overflow_deep", &[("GAGGLE_TRACEBACK", level)]);
    assert!(overflow(at_level("none")).stands_in("overflows::recurse"));
    let outcome = at_level("crash").ends(Exit::Signal(SIGABRT));
    let report = Report::parse(&outcome.stderr).unwrap_or_else(|why| outcome.fail(&why));
    assert!(report.single().stands_in("overflows::recurse"), "{report:#?}");
    assert!(report.single().created_by.is_some(), "not all of it: {report:#?}");
}

/// SEMANTICS AB3: the scheduler's state, if it is traced; then how to have it again.
#[test]
fn an_overflow_ends_as_every_report() {
    for level in ["single", "crash"] {
        let outcome = run_in(
            "overflow_deep",
            &[("GAGGLE_SEED", "7"), ("GAGGLE_DEBUG", "scheddetail=1"), ("GAGGLE_TRACEBACK", level)],
        );
        let (_, rest) = outcome.stderr.split_once("\ncreated by ").unwrap_or_default();
        let (_, rest) = rest.split_once("\n\nSCHED ").unwrap_or_default();
        let (state, seed) = rest.split_once("\n\n").unwrap_or_default();
        let lines = |head| state.lines().filter(|line| line.starts_with(head)).count();
        let told = lines("  P") > 0 && lines("  M") > 0 && lines("  G") > 1;
        if !told || seed != "this schedule comes from a seed: GAGGLE_SEED=7 replays it\n" {
            outcome.fail("it does not end as others do");
        }
    }
}

/// Also without a scheduler, when `WaitGroup::go` starts ordinary threads.
#[test]
fn an_ordinary_thread_overflows_with_std_s_message() {
    for program in ["overflow_std_thread", "overflow_thread_backed"] {
        let outcome = run(program).ends(Exit::Signal(SIGABRT)).prints("");
        let stderr = &outcome.stderr;
        if !stderr.contains("has overflowed its stack") || stderr.contains("goroutine") {
            outcome.fail("expected std's message and no other");
        }
    }
}

#[test]
fn a_null_dereference_is_still_a_segmentation_fault() {
    for program in ["null_goroutine", "null_std_thread"] {
        let outcome = run(program).ends(Exit::Signal(SIGSEGV)).prints("");
        if outcome.stderr.contains("overflow") {
            outcome.fail("it is no overflow");
        }
    }
}
