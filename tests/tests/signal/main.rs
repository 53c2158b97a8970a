//! Go's own tests of os/signal, by hand (go/TESTS.md section 11, R/os/signal/signal_test.go; SEMANTICS V).
//!
//! *One At A Time*: dispositions belong to the process, so the tests take turns.

mod blocked;
#[path = "../crash/child.rs"]
mod child;
mod contexts;
mod notify;
mod pipe;
#[path = "../context/support.rs"]
#[expect(dead_code, reason = "shared with tests that use more of it")]
mod support;
mod wakers;

use gaggle::Chan;
use gaggle::signal::Signal;
use std::sync::mpsc;

/// Runs `test` on a thread of its own, with nobody else at the signals.
pub(crate) fn in_turn(test: fn()) {
    static TURN: gaggle::sync::BareMutex = gaggle::sync::BareMutex::new();
    TURN.lock();
    let (done, over) = mpsc::channel();
    let tests = std::thread::spawn(move || {
        support::outside_bubbles(test);
        done.send(()).unwrap();
    });
    let _ = over.recv();
    TURN.unlock();
    tests.join().unwrap();
}

/// Sends `signal` to this process: to this thread, so that its handler has run when this returns.
pub(crate) fn raise(signal: Signal) {
    // SAFETY: a signal that a handler of ours, or nobody, takes.
    assert_eq!(unsafe { libc::raise(signal.number()) }, 0);
}

/// Receives `signal`, and nothing else.
#[track_caller]
pub(crate) fn gets(channel: &Chan<Signal>, signal: Signal) {
    assert_eq!(channel.recv(), Some(signal));
}
