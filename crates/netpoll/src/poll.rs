//! To ask the kernel which descriptors are ready, and to stop somebody who waits for its answer.
//!
//! *Breaks Are Counted*: each [`break_wait`] is answered by one [`accept_break`], of the M that it was
//! meant for; so none is lost to another M that waits there, too.

use crate::desc::{Desc, Readiness};
use crate::{slab, sys};
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_gopark::GQueue;
use std::io;

const NOT_STARTED: u32 = 0;
const STARTED: u32 = 1;
/// Somebody starts it, which does not take long.
const STARTING: u32 = 2;

static STATE: AtomicU32 = AtomicU32::new(NOT_STARTED);

/// How long a poll may last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// It only looks.
    None,
    /// Until this monotonic nanosecond; `u64::MAX` is for ever.
    Until(u64),
}

/// True once a descriptor was polled.
#[inline]
pub fn is_started() -> bool {
    // Acquire: pairs with the Release in `start`: the backend is there.
    STATE.load(Ordering::Acquire) == STARTED
}

/// Starts the backend; who comes later tries again, if there were no descriptors for it.
fn start() -> io::Result<()> {
    loop {
        if is_started() {
            return Ok(());
        }
        // Acquire: pairs with the Release below. Relaxed on failure: it looks again.
        let mine =
            STATE.compare_exchange(NOT_STARTED, STARTING, Ordering::Acquire, Ordering::Relaxed);
        if mine.is_err() {
            std::thread::yield_now();
            continue;
        }
        let done = sys::start();
        let state = if done.is_ok() { STARTED } else { NOT_STARTED };
        // Release: pairs with the Acquires in `is_started` and above.
        STATE.store(state, Ordering::Release);
        return done;
    }
}

/// Begins to poll `fd`, in both directions. Outside sections.
///
/// # Errors
///
/// What the kernel says: `EPERM` if this kind of descriptor cannot be polled.
pub fn open(fd: i32) -> io::Result<&'static Desc> {
    start()?;
    let desc = slab::take().ok_or(io::ErrorKind::OutOfMemory)?;
    desc.move_in(fd);
    match sys::open(fd, desc.tag()) {
        Ok(()) => Ok(desc),
        Err(error) => {
            desc.move_out();
            slab::give_back(desc);
            Err(error)
        }
    }
}

/// Stops polling; the descriptor itself is still open. Nobody waits for it, or will.
pub fn release(desc: &'static Desc) {
    sys::close(desc.fd());
    desc.close();
    desc.move_out();
    slab::give_back(desc);
}

/// Asks the kernel: the Gs whose descriptors are ready, each claimed, to be readied by the caller.
/// Inside a section, or on a thread that is no M.
pub fn poll(patience: Patience) -> GQueue {
    let mut list = GQueue::new();
    sys::wait(patience, |tag, readiness| accept(tag, readiness, &mut list));
    list
}

/// One event.
fn accept(tag: u64, readiness: Readiness, list: &mut GQueue) {
    let Some(desc) = slab::at((tag >> 32) as u32) else { return };
    if desc.is_for(tag) {
        desc.deliver(readiness, list);
    }
}

/// Ends the wait of one M in [`poll`], which it answers by [`accept_break`].
pub fn break_wait() {
    sys::break_wait();
}

/// Answers one [`break_wait`] that has come.
pub fn accept_break() {
    sys::accept_break();
}
