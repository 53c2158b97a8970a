//! The handler, and the words between it and the thread that delivers.
//!
//! *Handler Law*: the handler saves and restores errno; it counts itself in, looks whether the signal is
//! wanted, sets a bit and writes to an eventfd or raises the signal again, counts itself out, and calls the
//! handler that was there before if the signal is the runtime's. All of that is safe in a signal handler.
//!
//! *Delivered Or Its Old Effect*: a handler may begin long after the kernel chose it, when nobody wants the
//! signal any more and it has its old effect again. It counts itself in, then looks whether the signal is
//! wanted; who unwants a signal does so, then looks for handlers. Both have a SeqCst fence between, so at least
//! one sees the other: either what the handler leaves behind is waited for, or the handler finds the signal
//! unwanted and raises it again, for its old effect.

use crate::disposition;
use crate::signal::Signal;
use core::ffi::{c_int, c_void};
use core::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering, fence};
use std::io;

/// Signals that have come and were not yet taken.
static PENDING: AtomicU64 = AtomicU64::new(0);
/// Signals that somebody wants.
static WANTED: AtomicU64 = AtomicU64::new(0);
/// Handlers that run now.
static RUNNING: AtomicU32 = AtomicU32::new(0);
/// What wakes the thread that delivers; -1 before it was made.
static EVENT: AtomicI32 = AtomicI32::new(-1);

/// Makes what wakes the thread that delivers. Once.
///
/// # Errors
///
/// What the kernel said.
pub(crate) fn make_event() -> io::Result<()> {
    // SAFETY: two integers.
    let event = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC) };
    if event < 0 {
        return Err(io::Error::last_os_error());
    }
    // Release: pairs with the Acquire in `wake`; handlers are installed after this.
    EVENT.store(event, Ordering::Release);
    Ok(())
}

/// Waits until somebody has called `wake` since the last time.
pub(crate) fn wait() {
    let mut count = 0_u64;
    // Relaxed: made by whoever started this thread, before.
    let event = EVENT.load(Ordering::Relaxed);
    // SAFETY: a place for eight bytes. An interrupted call is one look too many.
    unsafe { libc::read(event, (&raw mut count).cast(), 8) };
}

/// Wakes the thread that delivers. Safe in a signal handler.
pub(crate) fn wake() {
    let one = 1_u64;
    // Acquire: pairs with the Release in `make_event`.
    let event = EVENT.load(Ordering::Acquire);
    // SAFETY: eight bytes. It fails only when the thread is about to be woken 2^64 times.
    unsafe { libc::write(event, (&raw const one).cast(), 8) };
}

/// Takes the signals that have come.
pub(crate) fn take() -> u64 {
    // AcqRel: pairs with itself in `handle`.
    PENDING.swap(0, Ordering::AcqRel)
}

/// Somebody wants `signal`. Before its disposition is ours.
pub(crate) fn want(signal: Signal) {
    // Relaxed: the system call that sets the disposition comes after it.
    WANTED.fetch_or(signal.bit(), Ordering::Relaxed);
}

/// Nobody wants `signal` any more. After its disposition is another.
pub(crate) fn unwant(signal: Signal) {
    // Relaxed: see `wait_for_handlers`.
    WANTED.fetch_and(!signal.bit(), Ordering::Relaxed);
}

/// Waits until no handler runs, so that what had begun is seen by `take`.
pub(crate) fn wait_for_handlers() {
    fence(Ordering::SeqCst); // proof: Delivered Or Its Old Effect, the side of who unwants
    // Acquire: pairs with the Release in `handle`.
    while RUNNING.load(Ordering::Acquire) != 0 {
        std::thread::yield_now();
    }
}

/// The handler.
///
/// # Safety
///
/// Called by the kernel, with its arguments.
pub(crate) unsafe extern "C" fn handle(
    number: c_int,
    info: *mut libc::siginfo_t,
    context: *mut c_void,
) {
    // Relaxed: the fence orders it before the look at what is wanted.
    RUNNING.fetch_add(1, Ordering::Relaxed);
    fence(Ordering::SeqCst); // proof: Delivered Or Its Old Effect, the handler's side
    // SAFETY: the thread's own errno.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    let saved = unsafe { *errno };
    let bit = Signal::new(number).bit();
    // Relaxed: the fence above.
    if WANTED.load(Ordering::Relaxed) & bit != 0 {
        // AcqRel: pairs with itself in `take`.
        PENDING.fetch_or(bit, Ordering::AcqRel);
        wake();
    } else if number != libc::SIGURG {
        // SAFETY: a number. It is blocked here, and comes again when this returns.
        unsafe { libc::raise(number) };
    }
    // SAFETY: as above.
    unsafe { *errno = saved };
    // Release: pairs with the Acquire in `wait_for_handlers`.
    RUNNING.fetch_sub(1, Ordering::Release);
    if number == libc::SIGURG {
        // It may stop this thread for a while, so nothing of ours comes after it.
        // SAFETY: passed on.
        unsafe { disposition::chain(number, info, context) };
    }
}
