//! What the process does with each signal, and what it did before we changed that.
//!
//! *Old Before New*: the disposition that was there first is kept before ours is set, so that it can be set
//! again. Only `set` changes dispositions, under the registry's lock.
//!
//! SIGQUIT has a handler of the runtime's, which may come after ours (`sched/src/ends/quit_signal.rs`).
//!
//! SIGURG is shared with the scheduler, whose handler may have come before ours or after it: ours is set once, stays, and
//! passes the signal on. Set again it would throw out the scheduler's, which may have come after it and pass it on to us.

use crate::handler;
use crate::signal::Signal;
use core::ffi::{c_int, c_void};
use core::mem::{self, MaybeUninit};
use core::ptr;
use gaggle_sched::{QuitOf, with_quit_signal};
use std::sync::OnceLock;

/// What to do with a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disposition {
    /// What was done at first.
    Original,
    /// Nothing.
    Ignore,
    /// Deliver it.
    Ours,
}

static ORIGINAL: [OnceLock<Original>; 64] = [const { OnceLock::new() }; 64];

/// A disposition that was there before.
struct Original(libc::sigaction);

// SAFETY: numbers, and the address of a function.
unsafe impl Send for Original {}
// SAFETY: as above.
unsafe impl Sync for Original {}

fn place(signal: Signal) -> &'static OnceLock<Original> {
    &ORIGINAL[signal.number() as usize - 1]
}

/// The disposition that the process has now.
fn now(signal: Signal) -> Option<libc::sigaction> {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: only asks.
    let answer = unsafe { libc::sigaction(signal.number(), ptr::null(), action.as_mut_ptr()) };
    // SAFETY: the call filled it in.
    (answer == 0).then(|| unsafe { action.assume_init() })
}

/// True if the process ignores the signal.
pub(crate) fn is_ignored(signal: Signal) -> bool {
    now(signal).is_some_and(|action| action.sa_sigaction == libc::SIG_IGN)
}

/// Sets what is done with `signal`.
pub(crate) fn set(signal: Signal, to: Disposition) {
    if signal != Signal::QUIT {
        return set_to(signal, to, None);
    }
    with_quit_signal(|quit| {
        quit.of = if to == Disposition::Original { QuitOf::Process } else { QuitOf::Program };
        set_to(signal, to, quit.runtime);
    });
}

/// The same; `runtime` is what the runtime does by now where nothing special was done at first.
fn set_to(signal: Signal, to: Disposition, runtime: Option<libc::sigaction>) {
    if signal == Signal::URG && (to != Disposition::Ours || place(signal).get().is_some()) {
        return;
    }
    if place(signal).get().is_none() {
        let (Some(action), true) = (now(signal), to != Disposition::Original) else { return };
        let _ = place(signal).set(Original(action)); // Old Before New
    }
    let Some(Original(original)) = place(signal).get() else { return };
    let action = match to {
        Disposition::Original if has_handler(original) => *original,
        Disposition::Original => runtime.unwrap_or(*original),
        Disposition::Ignore => plain(libc::SIG_IGN),
        Disposition::Ours => {
            let handle: unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) =
                handler::handle;
            plain(handle as libc::sighandler_t)
        }
    };
    // SAFETY: Handler Law, or what the process had before. It cannot fail for a signal of `Signal::ALL`.
    unsafe { libc::sigaction(signal.number(), &raw const action, ptr::null_mut()) };
}

fn has_handler(action: &libc::sigaction) -> bool {
    !matches!(action.sa_sigaction, libc::SIG_DFL | libc::SIG_IGN)
}

/// A disposition with an empty mask, on the thread's signal stack if it has one; system calls that it
/// interrupts go on where they can.
fn plain(action: libc::sighandler_t) -> libc::sigaction {
    // SAFETY: all zeros is a valid sigaction with an empty mask.
    let mut it: libc::sigaction = unsafe { mem::zeroed() };
    it.sa_sigaction = action;
    it.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    it
}

/// Calls the handler that was there before ours, if there was one.
///
/// # Safety
///
/// The arguments are those of our handler.
pub(crate) unsafe fn chain(number: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    let Some(Original(before)) = place(Signal::new(number)).get() else { return };
    match before.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => {}
        action if before.sa_flags & libc::SA_SIGINFO != 0 => {
            type Action = unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
            // SAFETY: SA_SIGINFO says that this is such a function.
            let action = unsafe { mem::transmute::<usize, Action>(action) };
            // SAFETY: called as the kernel would.
            unsafe { action(number, info, context) };
        }
        action => {
            // SAFETY: without SA_SIGINFO it takes the number only.
            let action = unsafe { mem::transmute::<usize, unsafe extern "C" fn(c_int)>(action) };
            // SAFETY: called as the kernel would.
            unsafe { action(number) };
        }
    }
}
