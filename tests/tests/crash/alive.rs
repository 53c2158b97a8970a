//! What is no deadlock is never reported as one (SEMANTICS H3, H6, H8).

use crate::child::run_with;

const PROCS: [&str; 3] = ["1", "2", "4"];
/// Each is a process; under a sanitizer one takes most of a second.
const REPEATS: usize = if gaggle_coro::sanitizer::ON { 20 } else { 200 };

fn lives(program: &str, stdout: &str) {
    for procs in PROCS {
        run_with(program, procs).does_well(stdout);
    }
}

#[test]
fn a_pending_sleep_is_no_deadlock() {
    lives("alive_sleep", "slept\n");
}

#[test]
fn a_pending_after_is_no_deadlock() {
    lives("alive_after", "true\n");
}

#[test]
fn a_pending_timeout_is_no_deadlock() {
    lives("alive_timeout", "timed out waiting to receive\n");
}

#[test]
fn a_foreign_thread_may_still_send() {
    lives("alive_thread", "sent by a thread\n");
}

#[test]
fn some_who_wait_for_each_other_are_not_reported() {
    lives("alive_partial", "main returns\n");
}

/// H3, U8: who waits for a descriptor is alive.
#[test]
fn another_process_may_still_write() {
    lives("alive_net", "written\n");
}

#[test]
fn a_goroutine_that_waits_on_its_own_thread_is_alive() {
    for _ in 0..10 {
        lives("alive_pinned", "done\n");
    }
}

#[test]
fn nobody_need_be_awake_between_two_runs() {
    lives("alive_between_runs", "42\n");
}

#[test]
fn short_waits_of_every_kind_are_never_reported() {
    for at in 0..REPEATS {
        run_with("alive_many_ways", PROCS[at % PROCS.len()]).does_well("done\n");
    }
}
