//! Signals that were blocked when the process, or its scheduler, began (R/runtime/signal_unix.go, ensureSigM).

use crate::child;

const HEARD: &str = "terminated\nterminated\nuser defined signal 1\nterminated is pending: true\n\
                     user defined signal 1 is pending: true\nboth: true\n";

/// SEMANTICS V1: who wants it hears it, and nobody after that: it is blocked again.
#[test]
fn what_the_program_had_blocked_is_heard() {
    child::run("signal_blocked_before_run").does_well(HEARD);
}

/// A mask goes through exec.
#[test]
fn what_the_parent_had_blocked_is_heard() {
    child::run("signal_blocked_by_parent").does_well(HEARD);
}
