//! The thread-local contract, checked: docs/thread-locals.md's programs, with a migration forced at
//! every switch point.

use crate::child::{Exit, Outcome, run_in};

#[track_caller]
fn migrating(program: &str, procs: &str) -> Outcome {
    run_in(program, &[("GAGGLE_DEBUG", "migrate=1"), ("GOMAXPROCS", procs)])
}

const PROCS: [&str; 3] = ["1", "2", "4"];

#[test]
fn every_switch_point_moves_the_goroutine_if_it_is_forced() {
    for procs in PROCS {
        let all = [50; 12]; // of which the page's table has each kind
        migrating("tl_every_switch_point", procs).does_well(&format!("{all:?}\n"));
    }
}

/// A negative control of danger 1, in release: the compiler looks once where the variable is.
#[test]
fn an_address_that_the_compiler_remembers_is_another_thread_s() {
    let outcome = migrating("tl_a_remembered_address", "2").ends(Exit::Code(0));
    let wrong: u32 = outcome.stdout.trim().parse().unwrap_or_else(|_| outcome.fail("no number"));
    if cfg!(debug_assertions) {
        println!("skipped: this build is not optimised, so it looks anew each time; wrong {wrong}");
        return;
    }
    assert!(wrong > 0, "the compiler remembers nothing: the page may say so");
}

/// A negative control of danger 3: who comes to the thread finds the lock its own, and it is given back by another thread.
#[test]
fn a_lock_that_belongs_to_a_thread_has_two_owners() {
    migrating("tl_a_lock_of_the_thread_s", "2").does_well("true true\n");
}

#[test]
fn who_is_done_before_the_switch_point_is_sound() {
    for procs in PROCS {
        let outcome = migrating("tl_done_before", procs).ends(Exit::Code(0));
        let mut lines: Vec<&str> = outcome.stdout.lines().collect();
        lines.sort_unstable();
        let mut wanted: Vec<String> = [0, 10, 20, 30]
            .into_iter()
            .flat_map(|it| [it, it + 1, it + 2])
            .map(|it| it.to_string())
            .collect();
        wanted.push("sum 192".into());
        wanted.sort_unstable();
        assert_eq!(lines, wanted, "{outcome:?}");
        assert!(outcome.stderr.is_empty(), "{outcome:?}");
    }
}

/// With another goroutine that wants to run, and with slices of a millisecond, so that the P is taken each time.
#[test]
fn who_has_lost_its_p_moves_too() {
    for procs in ["2", "4"] {
        let debug = ("GAGGLE_DEBUG", "migrate=1,slice=1000");
        run_in("tl_after_its_p_was_taken", &[debug, ("GOMAXPROCS", procs)]).does_well("50\n");
    }
}

/// A negative control: what the contract forbids is found.
#[test]
fn a_borrow_across_a_switch_point_breaks() {
    let outcome = migrating("tl_a_borrow", "2").ends(Exit::Code(0)).prints("true\n");
    assert!(outcome.stderr.contains("already") || outcome.stderr.contains("Borrow"));
}

#[test]
fn an_access_in_a_function_of_its_own_is_sound() {
    for procs in PROCS {
        migrating("tl_a_function_of_its_own", procs).does_well("200\ntrue\n");
    }
}

#[test]
fn a_pinned_goroutine_never_moves() {
    for procs in PROCS {
        migrating("tl_pinned", procs).does_well("0 0 50\n");
    }
}

#[test]
fn a_goroutine_local_value_goes_along_and_is_dropped_at_the_end() {
    for procs in PROCS {
        let outcome = migrating("tl_goroutine_local", procs).ends(Exit::Code(0));
        let mut lines: Vec<&str> = outcome.stdout.lines().collect();
        lines.sort_unstable();
        let wanted =
            ["7", "[50, 100, 150] 0", "dropped with 0", "dropped with 0", "dropped with 0"];
        assert_eq!(lines, wanted, "{outcome:?}");
    }
}
