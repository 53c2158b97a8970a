//! Notify, Stop, Reset, Ignore.

use crate::child::{self, Exit};
use crate::support::{go, text};
use crate::{gets, in_turn, raise};
use gaggle::signal::{Signal, ignore, ignored, notify, reset, stop};
use gaggle::{Chan, chan, runtime};
use std::panic::{AssertUnwindSafe, catch_unwind};

const HUP: Signal = Signal::HUP;
const WINCH: Signal = Signal::WINCH;
const USR1: Signal = Signal::USR1;

/// V1: to those who want it; to all that are there, without a list.
#[test]
fn test_signal() {
    in_turn(|| {
        let (hup, all) = (chan(1), chan(10));
        notify(&hup, &[HUP]);
        raise(HUP);
        gets(&hup, HUP);
        notify(&all, &[]);
        raise(WINCH);
        wait_for(&all, WINCH);
        raise(HUP);
        wait_for(&all, HUP);
        gets(&hup, HUP);
        stop(&hup);
        stop(&all);
    });
}

/// Receives until `signal` comes: others may be there too (V4).
fn wait_for(channel: &Chan<Signal>, signal: Signal) {
    while channel.recv() != Some(signal) {}
}

/// V1: a full channel loses the signal and holds nobody up.
#[test]
fn a_full_channel_loses_signals() {
    in_turn(|| {
        let (full, other) = (chan(1), chan(1));
        notify(&full, &[USR1]);
        notify(&other, &[USR1]);
        for _ in 0..3 {
            raise(USR1);
            gets(&other, USR1);
        }
        gets(&full, USR1);
        stop(&full);
        stop(&other);
        assert_eq!((full.len(), other.len()), (0, 0));
        let nil = catch_unwind(AssertUnwindSafe(|| notify(&Chan::nil(), &[USR1]))).unwrap_err();
        assert_eq!(text(&*nil), "os/signal: Notify using nil channel");
    });
}

/// Signals come while goroutines come and go.
#[test]
fn test_stress() {
    in_turn(|| {
        let signals = chan(4);
        notify(&signals, &[USR1]);
        let spawns = go(|| {
            for _ in 0..200 {
                go(runtime::gosched)();
            }
        });
        for _ in 0..200 {
            raise(USR1);
            gets(&signals, USR1);
        }
        spawns();
        stop(&signals);
    });
}

/// V2: what was reset has its old effect: for this one, none.
#[test]
fn test_reset() {
    in_turn(|| {
        let (winch, usr) = (chan(1), chan(1));
        notify(&winch, &[WINCH]);
        notify(&usr, &[USR1]);
        reset(&[WINCH]);
        raise(WINCH);
        raise(USR1);
        gets(&usr, USR1); // so the other one is past too
        stop(&usr);
        assert_eq!(winch.len(), 0);
        stop(&winch);
        reset(&[]);
    });
}

/// V2: what is ignored does not come, and can be asked for again.
#[test]
fn test_ignore() {
    in_turn(|| {
        let signals = chan(1);
        notify(&signals, &[USR1]);
        assert!(!ignored(USR1));
        ignore(&[USR1]);
        assert!(ignored(USR1));
        raise(USR1); // would kill us
        assert_eq!(signals.len(), 0);
        notify(&signals, &[USR1]);
        assert!(!ignored(USR1));
        raise(USR1);
        gets(&signals, USR1);
        ignore(&[USR1, HUP]);
        reset(&[USR1, HUP]);
        assert!(!ignored(USR1) && !ignored(HUP));
        stop(&signals);
    });
}

/// V2: after stop nothing comes, and who still wants it gets it.
#[test]
fn test_stop() {
    in_turn(|| {
        for signal in [WINCH, HUP, USR1] {
            let (stays, goes) = (chan(1), chan(1));
            notify(&stays, &[signal]);
            notify(&goes, &[signal]);
            raise(signal);
            gets(&stays, signal);
            stop(&goes);
            assert!(goes.try_recv().is_ok(), "what had come before stop is there");
            raise(signal);
            gets(&stays, signal);
            assert_eq!(goes.len(), 0);
            stop(&goes); // again does nothing
            stop(&stays);
        }
    });
}

/// V2: nothing comes after stop, ignore and reset, however many signals are on their way for others.
#[test]
fn nothing_comes_late() {
    in_turn(|| {
        let stays = chan(4);
        notify(&stays, &[HUP, WINCH]);
        let ends: [fn(&Chan<Signal>); 3] =
            [|goes| stop(goes), |_| ignore(&[USR1]), |_| reset(&[USR1])];
        for round in 0..600 {
            let (goes, raised) = (chan(4), chan(0));
            notify(&goes, &[USR1]);
            let end = ends[round % 3];
            if round % 3 == 0 {
                notify(&goes, &[HUP, WINCH]);
            }
            let done = raised.clone();
            std::thread::spawn(move || {
                raise(HUP);
                done.send(());
                raise(WINCH);
                done.send(());
            });
            raised.recv();
            end(&goes);
            let there = goes.len();
            raised.recv();
            wait_for(&stays, WINCH);
            assert_eq!(goes.len(), there);
            stop(&goes);
            reset(&[USR1]);
            while stays.try_recv().is_ok() {}
        }
        stop(&stays);
    });
}

/// V2: a signal at the moment of stop is delivered, or has its old effect; it is not lost.
#[test]
fn test_atomic_stop() {
    for _ in 0..10 {
        let outcome = child::run("signal_atomic_stop");
        if outcome.exit != Exit::Signal(libc::SIGINT) && outcome.exit != Exit::Code(0) {
            outcome.fail("a signal was lost");
        }
    }
}

/// H3, V7: who waits for signals only is no deadlock.
#[test]
fn waiting_for_signals_is_no_deadlock() {
    child::run("signal_wait").does_well("hangup\n");
}

/// As every send on such a channel. (The signal went nowhere, and kept the process alive.)
#[test]
fn a_signal_for_a_closed_channel_ends_the_process() {
    let outcome = child::run("signal_on_a_closed_channel").ends(Exit::Code(2));
    let wanted = "panic: send on closed channel\n\ngoroutine ";
    assert!(outcome.stderr.starts_with(wanted), "{}", outcome.stderr);
}

/// V4: the runtime's own signal may be asked for, and still does its work.
#[test]
fn the_runtimes_signal_may_be_asked_for() {
    child::run_with("signal_urgent", "1").does_well(BOTH_WAYS);
}

const BOTH_WAYS: &str = "\
urgent I/O condition
both computed
stands in computes_for_ever: true
";

/// V4: whoever was first, the program or the scheduler.
#[test]
fn the_runtimes_signal_may_be_asked_for_before_the_runtime_is_there() {
    child::run_with("signal_urgent_ignored_before_the_run", "1").does_well(BOTH_WAYS);
    let first = format!("{BOTH_WAYS}urgent I/O condition first\n");
    child::run_with("signal_urgent_before_the_run", "1").does_well(&first);
}

/// V5: a program that asks for SIGQUIT gets it, and its old effect after that.
#[test]
fn a_quit_that_was_asked_for_is_delivered() {
    prints_and_quits("signal_quit", "got quit\n");
}

#[track_caller]
fn prints_and_quits(program: &str, prints: &str) {
    let outcome = child::run(program).ends(Exit::Code(2)).prints(prints);
    if !outcome.stderr.starts_with("SIGQUIT: quit\n") {
        outcome.fail("another text");
    }
}

/// V2, V5: the same if the runtime's handler was not there yet.
#[test]
fn what_is_said_about_a_quit_before_the_first_run_holds_in_it() {
    prints_and_quits("signal_quit_before_the_run", "got quit\n");
    prints_and_quits("signal_quit_given_back_before_the_run", "got quit\n");
    prints_and_quits("signal_quit_ignored_before_the_run", "still ignored: true\n");
}
