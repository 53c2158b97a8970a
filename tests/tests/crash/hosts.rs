//! Beside others in one process: children, foreign handlers, destructors of thread-locals, an end
//! while goroutines compute, calls that a signal interrupts (SEMANTICS G6, V4).

use crate::child::{Exit, Outcome, run, run_in};

/// With time slices of a tenth of the usual, so that signals are on their way all the time.
#[track_caller]
fn pressed(program: &str) -> Outcome {
    run_in(program, &[("GAGGLE_DEBUG", "slice=1000"), ("GOMAXPROCS", "2")])
}

#[test]
fn programs_are_run_from_goroutines() {
    pressed("host_children").does_well("780\n");
}

#[test]
fn a_forked_child_may_end_itself() {
    pressed("host_forked").does_well("210\n");
}

#[test]
fn an_older_handler_of_the_runtime_s_signal_gets_what_others_send() {
    pressed("host_sigurg_chained").does_well("0 20\n");
}

#[test]
fn a_handler_that_replaces_ours_takes_nothing_but_preemption() {
    run("host_replaced_handler").does_well("499500\n");
}

#[test]
fn an_older_handler_of_faults_gets_those_that_are_no_overflow() {
    run("host_sigsegv_chained").ends(Exit::Code(3)).prints("");
}

#[test]
fn destructors_of_thread_locals_may_use_the_runtime() {
    for procs in ["1", "2"] {
        run_in("host_destructors", &[("GOMAXPROCS", procs)]).does_well("6\n");
    }
}

/// SEMANTICS C1: with the code that it is given.
#[test]
fn the_process_ends_while_goroutines_compute() {
    for _ in 0..10 {
        pressed("host_returns_while_others_compute").does_well("");
        pressed("host_exits_while_others_compute").ends(Exit::Code(7)).prints("");
    }
}

/// Hundredths of a second that the CPUs were taken away by whoever runs this machine.
fn stolen() -> u64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    stat.split_whitespace().nth(8).and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// Fewer than one in 5,000: only a thread is signalled that has not blocked for a while, and it must
/// block just then. Every slice is a tenth of the usual here. A thread whose CPU was taken away has computed, as its clock says, and
/// then is in a hurry to block.
#[test]
fn hardly_any_call_is_interrupted() {
    let before = stolen();
    let outcome = pressed("host_interrupted_calls").ends(Exit::Code(0));
    let (count, of) = outcome.stdout.trim().split_once(" of ").unwrap_or_else(|| outcome.fail("?"));
    let (count, of): (u64, u64) = (count.parse().unwrap(), of.parse().unwrap());
    let stolen = stolen() - before;
    eprintln!("interrupted: {count} of {of}; {stolen} hundredths of a second were taken away");
    assert!(count < of / 5_000 + stolen, "{count} of {of} calls were interrupted");
}

/// A call that the kernel can start again is, whether a goroutine on that thread is stopped by the signal, or it comes for nothing.
#[test]
fn a_call_that_the_kernel_starts_again_is_never_interrupted() {
    pressed("host_restarted_calls").does_well("0 0 0 0 true\n");
}

#[test]
fn runs_may_come_from_any_thread() {
    run("host_inside_a_thread").does_well("36\n");
}

/// Old container runtimes refuse calls that they do not know, and not as the kernel does that has none. (Who slept for a
/// descriptor and a deadline did not sleep.)
#[test]
fn a_host_may_refuse_to_wait_precisely() {
    run("host_that_refuses_to_wait_precisely").does_well("rests: true\n4\n");
}
