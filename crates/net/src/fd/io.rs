//! Reading and writing: try, wait, try again.
//!
//! *Drained*: a read from a TCP connection that returned less than there was room for has taken all there
//! was, so the next one need not try first: whatever comes makes an event. But for the end and for urgent
//! data, after which every read tries (`Desc::tells_all`).

use super::{Fd, Kind};
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

/// How a pipe is asked not to wait: by the call, or, on kernels that cannot do that, by its flag.
const BY_CALL: u32 = 0;
const BY_FLAG: u32 = 1;
/// It may not have the flag: it is looked at first, and if somebody else was faster, the call blocks.
const BY_LOOK: u32 = 2;

fn checked(answer: isize) -> Result<usize> {
    usize::try_from(answer).map_err(|_| io::Error::last_os_error())
}

impl Fd {
    /// Does `call` until it need not wait; in one direction, one at a time. A switch point.
    pub(crate) fn attempt<T>(
        &self,
        mode: Mode,
        call: impl FnMut(BorrowedFd<'_>) -> Result<T>,
    ) -> Result<T> {
        let in_use = self.lock(mode)?;
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
        let in_use = self.lock(Mode::Read)?;
        self.check_deadline(Mode::Read)?;
        if buf.is_empty() {
            return Ok(0); // U9
        }
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
        self.drained.store(if drained { DRAINED } else { FULL }, Ordering::Relaxed);
    }

    /// True if nothing can have come without an event.
    pub(super) fn is_drained(&self) -> bool {
        // Relaxed: the lock of readers orders it.
        self.drained.load(Ordering::Relaxed) == DRAINED
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
        let in_use = self.lock(Mode::Read)?;
        self.check_deadline(Mode::Read)?;
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0); // U9
        }
        self.drained.store(FULL, Ordering::Relaxed); // Relaxed: the lock of readers orders it
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
            Kind::Stream => self.ask(Mode::Read, |flags| {
                // SAFETY: as above.
                unsafe { libc::preadv2(self.raw(), at, count as i32, -1, flags) }
            }),
            _ => {
                let mut message = message(at, count);
                // SAFETY: as above; no name, no control data.
                checked(unsafe { libc::recvmsg(self.raw(), &raw mut message, libc::MSG_DONTWAIT) })
            }
        }
    }

    /// Writes to a stream, as much as there is room for; waits if there is none.
    pub(crate) fn write(&self, buf: &[u8]) -> Result<usize> {
        self.attempt(Mode::Write, |_| self.try_write(buf))
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

    /// Writes from several buffers.
    pub(crate) fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> Result<usize> {
        self.attempt(Mode::Write, |_| self.try_writev(bufs))
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
            Kind::Stream => self.ask(Mode::Write, |flags| {
                // SAFETY: as above.
                unsafe { libc::pwritev2(self.raw(), at, count as i32, -1, flags) }
            }),
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

    /// Calls with the flag that forbids to wait; if the kernel does not know it for this kind of file,
    /// the file gets `O_NONBLOCK`, which `into_raw` takes away again.
    fn ask(&self, mode: Mode, call: impl Fn(i32) -> isize) -> Result<usize> {
        // Relaxed: a setting, made once.
        if self.asking.load(Ordering::Relaxed) == BY_CALL {
            match checked(call(libc::RWF_NOWAIT)) {
                Err(error) if error.raw_os_error() == Some(libc::EOPNOTSUPP) => {}
                Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => {}
                done => return done,
            }
            self.set_flag(true)?;
            self.asking.store(BY_FLAG, Ordering::Relaxed); // Relaxed: as above
        }
        self.unasked(mode, self.borrow(), |_| checked(call(0)))
    }

    /// Does `call`, which is not told whether to wait, so that it does not: for what has the flag, unless
    /// it had to be taken away.
    pub(crate) fn unasked<T>(
        &self,
        mode: Mode,
        fd: BorrowedFd<'_>,
        call: impl Fn(BorrowedFd<'_>) -> Result<T>,
    ) -> Result<T> {
        // Relaxed: a setting; who misses it does what was right a moment ago.
        if self.asking.load(Ordering::Relaxed) != BY_LOOK {
            return call(fd);
        }
        if !self.is_ready(mode)? {
            return Err(WOULD_BLOCK.into());
        }
        gaggle_sched::syscall(|| call(fd))
    }

    /// Somebody else gets what this stands for: our flag goes, and we do without.
    pub(super) fn do_without_flag(&self) {
        if self.has_our_flag() && !self.refuses() {
            self.asking.store(BY_LOOK, Ordering::Relaxed); // Relaxed: a setting
            // It can only fail if the number is none.
            let _ = self.set_flag(false);
        }
    }

    /// True if this descriptor was given `O_NONBLOCK` by us.
    pub(super) fn has_our_flag(&self) -> bool {
        // Relaxed: a setting, made once.
        let asking = self.asking.load(Ordering::Relaxed);
        asking == BY_FLAG || (self.kind == Kind::Listener && asking == BY_CALL)
    }

    /// Sets or clears `O_NONBLOCK`.
    pub(crate) fn set_flag(&self, nonblocking: bool) -> Result<()> {
        let mut value = i32::from(nonblocking);
        // SAFETY: a place for a number. In Use Is Open.
        let answer = unsafe { libc::ioctl(self.raw(), libc::FIONBIO, &raw mut value) };
        if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The number, while it is in use.
    fn borrow(&self) -> BorrowedFd<'_> {
        // SAFETY: In Use Is Open.
        unsafe { BorrowedFd::borrow_raw(self.raw()) }
    }
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
