//! Futures that wait for signals: their wakers are user code, and no lock of ours is held meanwhile.

use crate::child::{self, Exit};

/// SEMANTICS V2: also in there, what had come is delivered before `stop` returns, and nothing after that.
#[test]
fn a_waker_may_ask_for_signals_and_stop_them() {
    for program in ["signal_waker_asks", "signal_waker_asks_without_run"] {
        let said = "(1, 1, true, false)\nuser defined signal 1\nuser defined signal 2\n";
        child::run(program).does_well(said);
    }
}

/// As on a goroutine. (The thread that delivers had ended, and `stop` did not return.)
#[test]
fn a_waker_that_panics_ends_the_process() {
    for program in ["signal_waker_panics", "signal_waker_panics_without_run"] {
        let outcome = child::run(program).ends(Exit::Code(2));
        if !outcome.stderr.contains("of a waker") {
            outcome.fail("its words are missing");
        }
    }
}
