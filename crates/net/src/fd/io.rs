//! Reading and writing: try, wait, try again.
//!
//! *Drained*: a read from a TCP connection that returned less than there was room for has taken all there
//! was, so the next one need not try first: whatever comes makes an event. But for the end and for urgent
//! data, after which every read tries (`Desc::tells_all`).
//!
//! *Used Up Is Not Drained*: that event is the slot's token. Who uses it up (a wait that ends well, a `listen` that says
//! ready), for whatever call, says that there may be something to read; the next one tries.
//!
//! *Whole*: a write waits until all is written, as one that blocks in the kernel does, and Go's; so what several write is
//! not mixed. It has written less only if it was ended: the next one says why.

use super::{Fd, Kind, at};
use core::mem::MaybeUninit;
use core::sync::atomic::Ordering;
use gaggle_gopark as gopark;
use gaggle_netpoll::Mode;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Result};
use std::os::fd::BorrowedFd;

/// What a call says that would have to wait.
pub(crate) const WOULD_BLOCK: ErrorKind = ErrorKind::WouldBlock;

const FULL: u32 = 0;
const DRAINED: u32 = 1;
/// A call would have waited.
#[cfg(any(feature = "futures-io", feature = "hyper"))]
const EMPTY: u32 = 2;

pub(super) fn checked(answer: isize) -> Result<usize> {
    usize::try_from(answer).map_err(|_| io::Error::last_os_error())
}

impl Fd {
    /// Does `call` until it need not wait; in one direction, one at a time. A switch point.
    pub(crate) fn attempt<T>(
        &self,
        mode: Mode,
        call: impl FnMut(BorrowedFd<'_>) -> Result<T>,
    ) -> Result<T> {
        let in_use = self.begin(mode)?;
        self.check_deadline(mode)?;
        self.again_and_again(mode, in_use.borrow(), None, call)
    }

    fn again_and_again<T>(
        &self,
        mode: Mode,
        fd: BorrowedFd<'_>,
        mut until: Option<u64>,
        mut call: impl FnMut(BorrowedFd<'_>) -> Result<T>,
    ) -> Result<T> {
        loop {
            match call(fd) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == WOULD_BLOCK && !self.refuses() => {
                    let until = *until.get_or_insert_with(|| self.until(mode));
                    self.wait(mode, until)?;
                }
                done => {
                    gopark::switch_point();
                    return done;
                }
            }
        }
    }

    /// Reads from a stream.
    pub(crate) fn read(&self, buf: &mut [u8]) -> Result<usize> {
        let in_use = self.begin(Mode::Read)?;
        if buf.is_empty() {
            return Ok(0); // U9, after the deadline, too
        }
        self.check_deadline(Mode::Read)?;
        let mut until = None;
        if self.is_drained() && !self.refuses() {
            self.wait(Mode::Read, *until.insert(self.until(Mode::Read)))?;
        }
        self.again_and_again(Mode::Read, in_use.borrow(), until, |_| {
            let count = self.try_read(buf)?;
            self.note_read(count, buf.len());
            Ok(count)
        })
    }

    /// A read has returned `count` bytes into a place for `room`. Under the lock of readers.
    pub(super) fn note_read(&self, count: usize, room: usize) {
        let drained = count > 0 && count < room && self.kind == Kind::TcpStream;
        // Relaxed: the lock of readers orders it.
        self.drained[at(Mode::Read)].store(if drained { DRAINED } else { FULL }, Ordering::Relaxed);
    }

    /// A token of this direction was used up (Used Up Is Not Drained). Under the lock of the direction.
    pub(super) fn note_used_up(&self, mode: Mode) {
        self.drained[at(mode)].store(FULL, Ordering::Relaxed); // Relaxed: the lock of the direction orders it
    }

    /// A call of this direction would have waited. Under its lock.
    #[cfg(any(feature = "futures-io", feature = "hyper"))]
    pub(super) fn note_empty(&self, mode: Mode) {
        self.drained[at(mode)].store(EMPTY, Ordering::Relaxed); // Relaxed: as above
    }

    /// True if a call would have waited and nothing can have come since without an event. Under the lock.
    #[cfg(any(feature = "futures-io", feature = "hyper"))]
    pub(super) fn is_empty(&self, mode: Mode) -> bool {
        // Relaxed: as above.
        self.drained[at(mode)].load(Ordering::Relaxed) == EMPTY
            || (mode == Mode::Read && self.is_drained())
    }

    /// True if nothing can have come without an event.
    pub(super) fn is_drained(&self) -> bool {
        // Relaxed: the lock of readers orders it.
        self.drained[at(Mode::Read)].load(Ordering::Relaxed) == DRAINED
            && self.desc().is_some_and(gaggle_netpoll::Desc::tells_all)
    }

    /// One attempt, which does not wait. While it is in use.
    pub(crate) fn try_read(&self, buf: &mut [u8]) -> Result<usize> {
        match self.kind {
            Kind::Stream | Kind::Blocking => self.try_readv(&mut [IoSliceMut::new(buf)]),
            _ => {
                let (to, room) = (buf.as_mut_ptr().cast(), buf.len());
                // SAFETY: there is that much room. In Use Is Open.
                checked(unsafe { libc::recv(self.raw(), to, room, libc::MSG_DONTWAIT) })
            }
        }
    }

    /// One attempt, which does not wait, to read into what need not be initialised. Of a socket, in use.
    #[cfg(feature = "hyper")]
    pub(crate) fn try_read_into(&self, room: &mut [core::mem::MaybeUninit<u8>]) -> Result<usize> {
        let (to, len) = (room.as_mut_ptr().cast(), room.len());
        // SAFETY: there is that much room. In Use Is Open.
        let count = checked(unsafe { libc::recv(self.raw(), to, len, libc::MSG_DONTWAIT) })?;
        self.note_read(count, len);
        Ok(count)
    }

    /// One attempt, which does not wait, and takes nothing. While it is in use.
    pub(crate) fn try_peek(&self, buf: &mut [u8]) -> Result<usize> {
        let flags = libc::MSG_DONTWAIT | libc::MSG_PEEK;
        // SAFETY: there is that much room. In Use Is Open.
        checked(unsafe { libc::recv(self.raw(), buf.as_mut_ptr().cast(), buf.len(), flags) })
    }

    /// Reads into several buffers.
    pub(crate) fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        if let [one] = bufs {
            return self.read(one);
        }
        let in_use = self.begin(Mode::Read)?;
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0); // U9, as above
        }
        self.check_deadline(Mode::Read)?;
        self.note_used_up(Mode::Read); // what is left is not known
        self.again_and_again(Mode::Read, in_use.borrow(), None, |_| self.try_readv(bufs))
    }

    fn try_readv(&self, bufs: &mut [IoSliceMut<'_>]) -> Result<usize> {
        // The layout of an `IoSliceMut` is that of an `iovec`, as std promises.
        let (at, count) = (bufs.as_mut_ptr().cast::<libc::iovec>(), bufs.len().min(MOST));
        match self.kind {
            Kind::Blocking => gaggle_sched::syscall(|| {
                // SAFETY: that many buffers. In Use Is Open.
                checked(unsafe { libc::readv(self.raw(), at, count as i32) })
            }),
            Kind::Stream => {
                let call = |flags| {
                    // SAFETY: as above.
                    unsafe { libc::preadv2(self.raw(), at, count as i32, -1, flags) }
                };
                self.ask(Mode::Read, call, || call(0))
            }
            _ => {
                let mut message = message(at, count);
                // SAFETY: as above; no name, no control data.
                checked(unsafe { libc::recvmsg(self.raw(), &raw mut message, libc::MSG_DONTWAIT) })
            }
        }
    }

    /// Writes all of `buf` (Whole).
    pub(crate) fn write(&self, buf: &[u8]) -> Result<usize> {
        self.write_whole(buf.len(), |done| self.try_write(&buf[done..]))
    }

    /// Does `call`, which is told how much is done and says how much it has added, until that is `whole`.
    #[inline]
    fn write_whole(&self, whole: usize, call: impl Fn(usize) -> Result<usize>) -> Result<usize> {
        let mut done = 0;
        let ended = self.attempt(Mode::Write, |_| {
            loop {
                let count = call(done)?;
                done += count;
                if done >= whole || count == 0 {
                    return Ok(());
                }
            }
        });
        match ended {
            Err(error) if done == 0 => Err(error),
            _ => Ok(done),
        }
    }

    /// One attempt, which does not wait. While it is in use.
    pub(crate) fn try_write(&self, buf: &[u8]) -> Result<usize> {
        match self.kind {
            Kind::Stream | Kind::Blocking => self.try_writev(&[IoSlice::new(buf)]),
            _ => {
                let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
                // SAFETY: there are that many bytes. In Use Is Open.
                checked(unsafe { libc::send(self.raw(), buf.as_ptr().cast(), buf.len(), flags) })
            }
        }
    }

    /// Writes all of several buffers (Whole).
    pub(crate) fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> Result<usize> {
        let whole = bufs.iter().map(|buf| buf.len()).sum();
        self.write_whole(whole, |done| match place_of(bufs, done) {
            (at, 0) => self.try_writev(&bufs[at..]),
            (at, within) => self.try_write(&bufs[at][within..]),
        })
    }

    /// One attempt, which does not wait. While it is in use.
    pub(crate) fn try_writev(&self, bufs: &[IoSlice<'_>]) -> Result<usize> {
        // The layout of an `IoSlice` is that of an `iovec`, as std promises.
        let (at, count) = (bufs.as_ptr().cast::<libc::iovec>(), bufs.len().min(MOST));
        match self.kind {
            Kind::Blocking => gaggle_sched::syscall(|| {
                // SAFETY: that many buffers. In Use Is Open.
                checked(unsafe { libc::writev(self.raw(), at, count as i32) })
            }),
            Kind::Stream => {
                let call = |flags| {
                    // SAFETY: as above.
                    unsafe { libc::pwritev2(self.raw(), at, count as i32, -1, flags) }
                };
                self.ask(Mode::Write, call, || self.write_little(bufs))
            }
            _ => {
                let mut place = [const { MaybeUninit::uninit() }; SMALL];
                if let Some(whole) = gathered(bufs, &mut place) {
                    return self.try_write(whole);
                }
                let message = message(at.cast_mut(), count);
                let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
                // SAFETY: as above; no name, no control data.
                checked(unsafe { libc::sendmsg(self.raw(), &raw const message, flags) })
            }
        }
    }

    /// Sets or clears `O_NONBLOCK`.
    pub(crate) fn set_flag(&self, nonblocking: bool) -> Result<()> {
        let mut value = i32::from(nonblocking);
        // SAFETY: a place for a number. In Use Is Open.
        let answer = unsafe { libc::ioctl(self.raw(), libc::FIONBIO, &raw mut value) };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The number, while it is in use.
    pub(super) fn borrow(&self) -> BorrowedFd<'_> {
        // SAFETY: In Use Is Open.
        unsafe { BorrowedFd::borrow_raw(self.raw()) }
    }
}

/// Which buffer, and what of it, comes after the first `done` bytes.
fn place_of(bufs: &[IoSlice<'_>], done: usize) -> (usize, usize) {
    let mut within = done;
    for (at, buf) in bufs.iter().enumerate() {
        if within < buf.len() {
            return (at, within);
        }
        within -= buf.len();
    }
    (bufs.len(), 0)
}

/// What is cheaper to copy than to have the kernel gather: a call with a list costs fifty nanoseconds more.
const SMALL: usize = 512;

/// All of `bufs` in one piece, if it fits into `place`.
fn gathered<'a>(bufs: &[IoSlice<'_>], place: &'a mut [MaybeUninit<u8>]) -> Option<&'a [u8]> {
    let mut len = 0;
    for buf in bufs {
        let room = place.get_mut(len..len + buf.len())?;
        // SAFETY: `room` is as long; what is written to does not overlap what is read.
        unsafe { room.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(buf.as_ptr(), buf.len()) };
        len += buf.len();
    }
    // SAFETY: so many were written above.
    Some(unsafe { core::slice::from_raw_parts(place.as_ptr().cast(), len) })
}

/// The most buffers of one call.
const MOST: usize = 1024;

fn message(at: *mut libc::iovec, count: usize) -> libc::msghdr {
    // SAFETY: all zero is a message without anything.
    let mut message: libc::msghdr = unsafe { core::mem::zeroed() };
    message.msg_iov = at;
    message.msg_iovlen = count;
    message
}
