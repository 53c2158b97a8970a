//! A standard output or standard error that nobody reads any more (SEMANTICS V6).
//!
//! std ignores SIGPIPE, so `println!` panics with an error where Go's program is killed by the signal. A panic
//! with these words that nobody catches ends the process as the signal would have. A program that handles the
//! signal itself has the panic.

use core::ffi::c_int;
use core::mem::MaybeUninit;
use core::ptr;

const SIGNAL: c_int = libc::SIGPIPE;

const WORDS: [&str; 2] =
    ["failed printing to stdout: Broken pipe", "failed printing to stderr: Broken pipe"];

/// Ends the process by SIGPIPE if that is what the panic is about.
#[cold]
pub(crate) fn die_of(words: &str) {
    if !WORDS.iter().any(|start| words.starts_with(start)) || is_handled() {
        return;
    }
    // SAFETY: all zeros is the default action.
    let default: libc::sigaction = unsafe { core::mem::zeroed() };
    // SAFETY: nobody else handles it.
    unsafe { libc::sigaction(SIGNAL, &raw const default, ptr::null_mut()) };
    // SAFETY: ends the process; if it is blocked here, the panic goes on.
    unsafe { libc::raise(SIGNAL) };
}

fn is_handled() -> bool {
    let mut now = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: only asks.
    let answer = unsafe { libc::sigaction(SIGNAL, ptr::null(), now.as_mut_ptr()) };
    // SAFETY: the call filled it in.
    let action = (answer == 0).then(|| unsafe { now.assume_init() }.sa_sigaction);
    !matches!(action, Some(libc::SIG_DFL | libc::SIG_IGN))
}
