//! Programs that panic with an error, whose text is made by user code, and beneath another panic (SEMANTICS B9, B10).

use crate::Start::Main;
use crate::panics::{in_goroutine, unlock_of_unlocked};
use crate::{Program, wait_for_nobody};
use gaggle::{go, runtime, spawn, time};
use std::error::Error;
use std::fmt;
use std::panic::panic_any;
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("text_long_and_interrupted", Main(long_and_interrupted)),
    ("text_is_fatal", Main(|| in_goroutine(|| panic_with(is_fatal)))),
    ("text_never_comes", Main(|| in_goroutine(|| panic_with(waits)))),
    ("text_never_comes_beside_another", Main(never_comes_beside_another)),
    ("text_never_comes_and_main_returns", Main(never_comes_and_main_returns)),
    ("text_of_a_dropped_handle_s_panic", Main(|| in_goroutine(drop_a_handle_while_unwinding))),
];

/// An error that asks a function for its text.
struct Tells(fn() -> &'static str);

impl fmt::Debug for Tells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tells")
    }
}

impl fmt::Display for Tells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str((self.0)())
    }
}

impl Error for Tells {}

fn panic_with(text: fn() -> &'static str) {
    panic_any(Box::<dyn Error + Send + Sync>::from(Tells(text)));
}

fn is_fatal() -> &'static str {
    unlock_of_unlocked();
    "unlocked"
}

fn waits() -> &'static str {
    wait_for_nobody();
    "waited"
}

/// Its goroutine is asked for the text, and waits, when this returns.
fn panic_and_wait() {
    go(|| panic_with(waits));
    time::sleep(Duration::from_millis(20));
}

fn never_comes_beside_another() {
    panic_and_wait();
    in_goroutine(|| panic!("another"));
}

fn never_comes_and_main_returns() {
    panic_and_wait();
}

fn drop_a_handle_while_unwinding() {
    let handle = spawn(|| panic!("nobody joins"));
    while !handle.is_finished() {
        runtime::gosched();
    }
    panic!("the first");
}

/// The report does not fit into a pipe, and its thread is interrupted all the while, as by a handler that restarts no call.
fn long_and_interrupted() {
    extern "C" fn nothing(_: libc::c_int) {}
    // SAFETY: all zeros is a valid sigaction with an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
    // SAFETY: the handler does nothing.
    unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut()) };
    in_goroutine(|| {
        // SAFETY: always answers.
        let thread = unsafe { libc::pthread_self() };
        std::thread::spawn(move || {
            loop {
                // SAFETY: a thread that lives as long as the process.
                unsafe { libc::pthread_kill(thread, libc::SIGUSR1) };
            }
        });
        panic_any("x".repeat(2_000_000));
    });
}
