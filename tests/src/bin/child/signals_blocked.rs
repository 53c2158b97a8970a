//! Programs that begin with signals blocked.

use crate::Program;
use crate::Start::Thread;
use core::mem::MaybeUninit;
use core::ptr;
use gaggle::chan;
use gaggle::signal::{Signal, notify, reset, stop};
use std::os::unix::process::CommandExt;
use std::process::Command;

pub(crate) const PROGRAMS: &[Program] = &[
    ("signal_blocked_before_run", Thread(before_run)),
    ("signal_blocked_by_parent", Thread(by_parent)),
    ("signal_hears_what_was_blocked", Thread(run)),
];

const BLOCKED: [Signal; 2] = [Signal::TERM, Signal::USR1];

fn empty() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: a place for the set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: the call filled it in.
    unsafe { set.assume_init() }
}

/// Safe between fork and exec.
fn block() {
    let mut set = empty();
    for signal in BLOCKED {
        // SAFETY: made empty above.
        unsafe { libc::sigaddset(&raw mut set, signal.number()) };
    }
    // SAFETY: a set; the mask of this thread.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()) };
}

fn before_run() {
    block();
    run();
}

/// As somebody's child, whose parent had blocked them.
fn by_parent() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("signal_hears_what_was_blocked");
    let blocked = || {
        block();
        Ok(())
    };
    // SAFETY: it is safe there.
    unsafe { command.pre_exec(blocked) };
    panic!("{}", command.exec());
}

fn run() {
    // SAFETY: nothing here keeps a thread-local.
    unsafe { gaggle::run(hear) };
}

/// To the process, as another one would.
fn send(signal: Signal) {
    // SAFETY: somebody wants it, or it is blocked.
    unsafe { libc::kill(std::process::id() as libc::pid_t, signal.number()) };
}

fn is_pending(signal: Signal) -> bool {
    let mut set = empty();
    // SAFETY: a place for a set.
    unsafe { libc::sigpending(&raw mut set) };
    // SAFETY: the call filled it in.
    unsafe { libc::sigismember(&raw const set, signal.number()) == 1 }
}

/// What is blocked is heard as long as somebody wants it; then it is pending, and kills nobody.
fn hear() {
    send(Signal::TERM); // it had come before anybody asked
    let signals = chan(2);
    notify(&signals, &[Signal::TERM]);
    println!("{}", signals.recv().unwrap());
    notify(&signals, &[Signal::USR1]);
    for signal in BLOCKED {
        send(signal);
        println!("{}", signals.recv().unwrap());
    }
    reset(&[Signal::USR1]);
    stop(&signals);
    for signal in BLOCKED {
        send(signal);
        println!("{} is pending: {}", signal, is_pending(signal));
    }
    notify(&signals, &BLOCKED);
    let both = [signals.recv(), signals.recv()];
    println!("both: {}", BLOCKED.iter().all(|signal| both.contains(&Some(*signal))));
}
