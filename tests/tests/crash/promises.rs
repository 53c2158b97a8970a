//! Without the promise of a `run` no function runs on a goroutine, whatever has started the scheduler: it is
//! refused, or called on a thread of its own.

use crate::child::{Exit, run};

#[test]
fn what_starts_goroutines_is_refused() {
    for start in ["go", "spawn", "scope", "builder_go", "builder_spawn", "builder_try_go"] {
        let outcome = run(&format!("promise_{start}")).ends(Exit::Code(101)).prints("");
        let words = ["go: no run has begun", "#[gaggle::main]", "gaggle::run", "promises.rs:"];
        if !words.iter().all(|word| outcome.stderr.contains(word)) {
            outcome.fail("expected advice, and the place of the call");
        }
    }
}

#[test]
fn a_bubble_is_refused() {
    let outcome = run("promise_bubble").ends(Exit::Code(101)).prints("");
    if !outcome.stderr.contains("synctest: no run has begun") {
        outcome.fail("expected advice");
    }
}

/// SEMANTICS T9, S9: the calls come all the same.
#[test]
fn calls_come_on_threads_before_and_on_goroutines_after() {
    for (program, whom) in [("promise_calls", "thread"), ("promise_made", "goroutine")] {
        let all = [whom; 8].join(" ");
        run(program).ends(Exit::Code(0)).prints(&format!("{all}\n"));
    }
}

/// SEMANTICS B1.
#[test]
fn a_panic_in_a_call_on_a_thread_ends_the_process() {
    let outcome = run("promise_call_panics").ends(Exit::Code(2)).prints("");
    if !outcome.stderr.contains("in a call") {
        outcome.fail("expected its words");
    }
}

/// SEMANTICS B1, M5: also if what it carries cannot be dropped.
#[test]
fn a_payload_that_panics_does_not_save_the_process() {
    run("promise_call_panics_twice").ends(Exit::Code(2)).prints("");
}
