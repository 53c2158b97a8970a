//! How a call on a file, or one that accepts, is kept from waiting in the kernel.
//!
//! *By Look*: what does not let itself be told (a terminal, a FIFO with a name, the writes of an eventfd, any pipe before Linux 6.4) is looked at
//! first, by `poll(2)`, and asked for no more than there is room for. If somebody else was faster, the call blocks its
//! thread, as an announced one does. It does not get `O_NONBLOCK`: a terminal belongs to the shell, too.
//!
//! *Room For Little*: a FIFO that can be written to has room for a page. A terminal's driver promises a byte; the smallest
//! piece of its buffers is [`PIECE`]. It takes what is shown as it stands in one go, and then looks for room anew, and waits
//! if there is none: so what is written to it ends before a byte that it may change, or is that byte.
//!
//! *Flags Are Missed*: two listeners may stand for one socket, and share its flag. When one is given away, each of the others
//! looks whether it still has the flag before it accepts again, and is looked at first if not. An accept under way is over
//! before (Flag Outlasts, `flags.rs`). What another process, or std, does to the flag is seen by nobody.

use super::io::{WOULD_BLOCK, checked};
use super::{Fd, Kind, at};
use crate::flags::{Flags, Known};
use core::sync::atomic::Ordering;
use gaggle_netpoll::Mode;
use std::io::{IoSlice, Result};
use std::os::fd::{AsRawFd, BorrowedFd};

/// The call says it, or, where it accepts, the flag does.
pub(super) const BY_CALL: u32 = 0;
const BY_LOOK: u32 = 1;

static FLAGS: Flags = Flags::new();

/// The smallest piece of a terminal's buffers, in Linux.
const PIECE: usize = 256;

/// How many of these bytes a terminal takes before it looks for room again (Room For Little).
fn in_one_go(bytes: &[u8]) -> usize {
    let bytes = &bytes[..bytes.len().min(PIECE)];
    let changes = |byte: &u8| matches!(byte, b'\n' | b'\r' | b'\t');
    bytes.iter().position(changes).map_or(bytes.len(), |at| at.max(1))
}

impl Fd {
    /// Calls with the flag that forbids to wait; if the kernel does not know it for this kind of file,
    /// by `plain`, which has no flag (By Look).
    pub(super) fn ask(
        &self,
        mode: Mode,
        call: impl Fn(i32) -> isize,
        plain: impl Fn() -> isize,
    ) -> Result<usize> {
        // Relaxed: a setting, made once.
        if self.asking[at(mode)].load(Ordering::Relaxed) == BY_CALL {
            match checked(call(libc::RWF_NOWAIT)) {
                Err(error) if error.raw_os_error() == Some(libc::EOPNOTSUPP) => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => {}
                done => return done,
            }
            self.asking[at(mode)].store(BY_LOOK, Ordering::Relaxed); // Relaxed: as above
        }
        self.unasked(mode, self.borrow(), |_| checked(plain()))
    }

    /// Writes as much of `bufs` as there is room for if there is any (Room For Little).
    pub(super) fn write_little(&self, bufs: &[IoSlice<'_>]) -> isize {
        let first = bufs.iter().find(|buf| !buf.is_empty()).map_or(&[] as &[u8], |buf| buf);
        // SAFETY: a number.
        let most = match unsafe { libc::isatty(self.raw()) } {
            1 => in_one_go(first),
            _ => first.len().min(libc::PIPE_BUF),
        };
        // SAFETY: there are that many bytes. In Use Is Open.
        unsafe { libc::write(self.raw(), first.as_ptr().cast(), most) }
    }

    /// Does `call`, which is not told whether to wait, so that it does not: for what has the flag, unless
    /// it had to be taken away.
    pub(crate) fn unasked<T>(
        &self,
        mode: Mode,
        fd: BorrowedFd<'_>,
        call: impl Fn(BorrowedFd<'_>) -> Result<T>,
    ) -> Result<T> {
        // Relaxed: a setting, made once; whether the flag is still there, `by_flag` says.
        if self.asking[at(mode)].load(Ordering::Relaxed) != BY_LOOK {
            if let Some(done) = self.by_flag(fd, &call) {
                return done;
            }
            if self.look_for_flag(fd)
                && let Some(done) = self.by_flag(fd, &call)
            {
                return done;
            }
        }
        if !self.is_ready(mode)? {
            return Err(WOULD_BLOCK.into());
        }
        gaggle_sched::syscall(|| call(fd))
    }

    /// Does `call` if the flag is still there, and stays as long.
    #[inline]
    fn by_flag<T>(&self, fd: BorrowedFd<'_>, call: impl FnOnce(BorrowedFd<'_>) -> T) -> Option<T> {
        let known = Known::from_bits(self.known.load(Ordering::Relaxed)); // Relaxed: the lock of readers orders it
        FLAGS.by_flag(fd.as_raw_fd() as usize, known, || call(fd))
    }

    /// True if it still has the flag. It does without if not (Flags Are Missed); this once, if somebody's goes just now.
    #[cold]
    fn look_for_flag(&self, fd: BorrowedFd<'_>) -> bool {
        let known = FLAGS.known();
        if !known.is_settled() {
            return false;
        }
        // SAFETY: no pointers. In Use Is Open.
        let flags = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) };
        if flags >= 0 && flags & libc::O_NONBLOCK == 0 {
            self.asking[at(Mode::Read)].store(BY_LOOK, Ordering::Relaxed); // Relaxed: a setting
            return false;
        }
        self.known.store(known.bits(), Ordering::Relaxed); // Relaxed: as in `by_flag`
        true
    }

    /// Takes our flag away, and does without. While it is in use, or ours alone. A switch point, if somebody accepts.
    pub(super) fn take_flag(&self) {
        FLAGS.take(gaggle_sched::gosched, || {
            // It can only fail if the number is none.
            let _ = self.set_flag(false);
            self.asking[at(Mode::Read)].store(BY_LOOK, Ordering::Relaxed); // Relaxed: a setting
        });
    }

    /// Somebody else gets what this stands for: our flag goes. While it is in use.
    pub(super) fn do_without_flag(&self) {
        if self.has_our_flag() && !self.refuses() {
            self.take_flag();
        }
    }

    /// True if this descriptor was given `O_NONBLOCK` by us.
    pub(super) fn has_our_flag(&self) -> bool {
        // Relaxed: a setting, made once.
        self.kind == Kind::Listener
            && self.asking[at(Mode::Read)].load(Ordering::Relaxed) == BY_CALL
    }
}
