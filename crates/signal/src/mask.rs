//! The signals that the thread that delivers lets in though its creator had blocked them: Go's `ensureSigM`.
//!
//! A process may be started with signals blocked, and so are all its threads then: what somebody wants would be
//! pending for ever. One thread that lets it in is enough, for the kernel gives it what is for the process.
//!
//! *Its Own*: a mask belongs to a thread; all here is called on the thread that delivers.
//! *Only What Is Wanted*: what was blocked, and nobody wants, is blocked: nobody but us had changed that.

use crate::signal::Signal;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};

/// What was blocked when the thread began.
static BLOCKED: AtomicU64 = AtomicU64::new(0);
/// What of that is let in now.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// Keeps the mask that the thread began with.
pub(crate) fn keep() {
    let mut mask = empty();
    // SAFETY: only asks.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &raw mut mask) };
    let is_blocked = |signal: &Signal| {
        // SAFETY: the call filled it in.
        unsafe { libc::sigismember(&raw const mask, signal.number()) == 1 }
    };
    let all = Signal::of_set(Signal::set_of(&[]));
    let blocked = all.filter(is_blocked).fold(0, |set, signal| set | signal.bit());
    BLOCKED.store(blocked, Ordering::Relaxed); // Relaxed: Its Own
}

/// Lets in the signals of `wanted`, and no other that was blocked.
pub(crate) fn let_in(wanted: u64) {
    // Relaxed, all three: Its Own.
    let open = wanted & BLOCKED.load(Ordering::Relaxed);
    let before = OPENED.swap(open, Ordering::Relaxed);
    change(libc::SIG_BLOCK, before & !open);
    change(libc::SIG_UNBLOCK, open & !before);
}

fn change(how: i32, set: u64) {
    if set == 0 {
        return;
    }
    let mut signals = empty();
    for signal in Signal::of_set(set) {
        // SAFETY: made empty above; the signal exists.
        unsafe { libc::sigaddset(&raw mut signals, signal.number()) };
    }
    // SAFETY: a set; the mask of this thread alone.
    unsafe { libc::pthread_sigmask(how, &raw const signals, ptr::null_mut()) };
}

fn empty() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: a place for the set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: the call filled it in.
    unsafe { set.assume_init() }
}
