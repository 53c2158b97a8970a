//! The number of a descriptor: shown, given away, released.
//!
//! *Shown Stays*: a number that somebody was shown (`as_fd`, `as_raw_fd`) stays open as long as the handle
//! that showed it. If it is closed before, the number stands for `/dev/null` until then; if there is no descriptor to be
//! had for that, for a socket that was shut down.

use super::{Fd, Handle, Left};
use core::sync::atomic::Ordering;
use gaggle_netpoll::Mode;
use gaggle_prim::full_fence;
use std::io::{self, Result};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

const NOT_SHOWN: u32 = 0;
const SHOWN: u32 = 1;

impl Fd {
    /// Closes it (SEMANTICS U4): who waits ends with an error, and so does whoever comes. The number is
    /// released with the last operation (SEMANTICS U5). Waits for nobody.
    pub(crate) fn close(&self) -> Result<()> {
        self.mutex.close().map_err(|_| self.closed())?;
        full_fence(); // pairs with those in `own_kick`: Kicked, and in `register`
        if let Some(desc) = self.desc() {
            desc.close();
        }
        self.kick(Mode::Read);
        self.kick(Mode::Write);
        if self.mutex.leave() == Left::Last {
            self.release();
        }
        Ok(())
    }

    /// Nobody uses it any more, and it is closed (Last One Out).
    pub(super) fn release(&self) {
        self.stop_polling();
        // Relaxed: shown by who held a handle; the mutex orders it.
        if self.shown.load(Ordering::Relaxed) == SHOWN {
            if self.blank().is_err() {
                self.fall_silent();
            }
            return; // the number goes with the last handle
        }
        let number = self.number.swap(-1, Ordering::Relaxed); // Relaxed: we are the last
        close(number);
    }

    fn stop_polling(&self) {
        let desc = self.desc.swap(core::ptr::null_mut(), Ordering::Relaxed); // Relaxed: as above
        // SAFETY: Type-Stable (`gaggle_netpoll`).
        if let Some(desc) = unsafe { desc.as_ref() } {
            gaggle_netpoll::release(desc);
        }
        for kick in &self.kicks {
            close(kick.swap(-1, Ordering::Relaxed)); // Relaxed: as above
        }
    }

    /// Makes the number stand for nothing.
    fn blank(&self) -> Result<()> {
        let null = std::fs::File::open("/dev/null")?;
        // SAFETY: both are open; the second is ours.
        let answer = unsafe { libc::dup3(null.as_raw_fd(), self.raw(), libc::O_CLOEXEC) };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The other side is told of the end, though the number still stands for this.
    #[cold]
    fn fall_silent(&self) {
        // SAFETY: no pointers. An error says that it is no socket, or that it was over.
        unsafe { libc::shutdown(self.raw(), libc::SHUT_RDWR) };
    }

    /// Shows the number to somebody who may use it as long as the handle lives.
    ///
    /// # Panics
    ///
    /// If it is closed.
    #[track_caller]
    pub(crate) fn show(&self) -> BorrowedFd<'_> {
        match self.enter() {
            // Relaxed: the end of this use orders it before the last one's look.
            Ok(_in_use) => self.shown.store(SHOWN, Ordering::Relaxed),
            // Relaxed: set by who had the same handle.
            Err(error) => assert!(self.shown.load(Ordering::Relaxed) == SHOWN, "{error}"),
        }
        // SAFETY: Shown Stays.
        unsafe { BorrowedFd::borrow_raw(self.raw()) }
    }

    /// Nobody has a handle any more.
    pub(super) fn abandon(&self) {
        self.shown.store(NOT_SHOWN, Ordering::Relaxed); // Relaxed: whoever was shown it had a handle
        let _ = self.close(); // an error says that it was closed
    }

    /// Closed and unused, as who has seized it knows.
    #[track_caller]
    fn give_away(&self) -> OwnedFd {
        self.do_without_flag();
        self.stop_polling();
        let number = self.number.swap(-1, Ordering::Relaxed); // Relaxed: it is ours alone
        assert!(number >= 0, "{}", self.closed());
        // SAFETY: it was ours, and is nobody's now.
        unsafe { OwnedFd::from_raw_fd(number) }
    }
}

impl Handle {
    /// Gives the descriptor away, with its time limits and without a flag of ours. If other handles share it, they keep
    /// theirs.
    ///
    /// # Panics
    ///
    /// If it is closed, or if the process has no number left for a second one.
    #[track_caller]
    pub(crate) fn into_owned(self) -> OwnedFd {
        let limits = self.limits();
        let given = self.give();
        limits.hand_over(&given);
        given
    }

    #[track_caller]
    fn give(self) -> OwnedFd {
        // A watcher has an operation under way; then there must be two numbers, too.
        if self.is_alone() && self.mutex.seize() {
            return self.give_away();
        }
        let given = match self.enter() {
            Err(error) => panic!("{error}"),
            Ok(in_use) => {
                self.do_without_flag();
                in_use.borrow().try_clone_to_owned()
            }
        };
        given.unwrap_or_else(|error| panic!("a descriptor for who takes it: {error}"))
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        close(self.number.swap(-1, Ordering::Relaxed)); // Relaxed: it is ours alone; what still stands for nothing
    }
}

fn close(number: RawFd) {
    if number >= 0 {
        // SAFETY: the caller's own.
        unsafe { libc::close(number) };
    }
}
