//! Pipes, terminals, what a child process reads and writes: files that can be polled.

use crate::face::{handle, limits, stream_io};
use crate::fd::{Handle, Kind};
use core::fmt;
use std::io::Result;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// A file whose reads and writes park the goroutine, not its thread, if its kind can be polled: a pipe, a
/// terminal, a socket, an `eventfd`, `timerfd`, `signalfd` or `inotify` (Go: `os.File`). Calls on other files,
/// such as ordinary ones and devices, are announced as blocking ones, and have no deadlines.
///
/// `O_NONBLOCK` is left as it is, because others may share what it stands for (a terminal belongs to the
/// shell, too): the calls themselves say that they will not wait. Terminals, FIFOs with a name, and Linux before 6.4 for
/// all pipes cannot be told so: they are looked at first, and asked for little at a time.
///
/// # Examples
///
/// What a child process says, read without a thread:
///
/// ```
/// use gaggle_net::File;
/// use std::io::Read;
/// use std::process::{Command, Stdio};
/// let mut child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
/// let mut text = String::new();
/// File::from(child.stdout.take().expect("piped")).read_to_string(&mut text)?;
/// assert_eq!(text, "hello\n");
/// child.wait()?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct File {
    fd: Handle,
}

handle!(File);
limits!(File);
stream_io!(File, &File);

/// A pipe: what is written to the second is read from the first (Go: `os.Pipe`).
///
/// # Errors
///
/// What the kernel says.
///
/// # Examples
///
/// ```
/// use std::io::{Read, Write};
/// let (mut reader, mut writer) = gaggle_net::pipe()?;
/// writer.write_all(b"!")?;
/// drop(writer);
/// let mut all = Vec::new();
/// reader.read_to_end(&mut all)?;
/// assert_eq!(all, b"!");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn pipe() -> Result<(File, File)> {
    let (reader, writer) = std::io::pipe()?;
    Ok((OwnedFd::from(reader).into(), OwnedFd::from(writer).into()))
}

impl From<OwnedFd> for File {
    /// Takes it over; a socket with its time limits, if it has any.
    fn from(fd: OwnedFd) -> Self {
        let kind = kind_of(&fd);
        let this = Self { fd: Handle::new(fd, kind) };
        this.fd.adopt_limits();
        this
    }
}

/// Of an `eventfd` and its like, which lie in no directory.
const NO_TYPE: libc::mode_t = 0;

/// Does the kernel poll it? Asked of an epoll instance of its own, which refuses what it cannot.
fn can_be_polled(fd: &OwnedFd) -> bool {
    // SAFETY: takes no pointers.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if epoll < 0 {
        return true; // there is no descriptor left to ask with; nearly all of them can
    }
    // SAFETY: a new one, ours.
    let epoll = unsafe { OwnedFd::from_raw_fd(epoll) };
    let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 0 };
    let (epoll, fd) = (epoll.as_raw_fd(), fd.as_raw_fd());
    // SAFETY: an event to read, and two numbers.
    unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, fd, &raw mut event) == 0 }
}

/// What can be polled, by its type; sockets are read and written as such.
fn kind_of(fd: &OwnedFd) -> Kind {
    let mut stat = core::mem::MaybeUninit::<libc::stat>::uninit();
    // SAFETY: a place for the answer.
    if unsafe { libc::fstat(fd.as_raw_fd(), stat.as_mut_ptr()) } != 0 {
        return Kind::Blocking;
    }
    // SAFETY: the call filled it in.
    let mode = unsafe { stat.assume_init() }.st_mode & libc::S_IFMT;
    match mode {
        NO_TYPE if can_be_polled(fd) => Kind::Stream,
        libc::S_IFSOCK => Kind::Socket,
        libc::S_IFIFO => Kind::Stream,
        // SAFETY: a number.
        libc::S_IFCHR if unsafe { libc::isatty(fd.as_raw_fd()) } == 1 => Kind::Stream,
        _ => Kind::Blocking,
    }
}

macro_rules! from_std {
    ($($std:ty),*) => {$(
        impl From<$std> for File {
            fn from(std: $std) -> Self {
                Self::from(OwnedFd::from(std))
            }
        }
    )*};
}

from_std!(
    std::fs::File,
    std::io::PipeReader,
    std::io::PipeWriter,
    std::process::ChildStdin,
    std::process::ChildStdout,
    std::process::ChildStderr
);

impl From<File> for std::process::Stdio {
    /// For a child process: it finds a file that blocks.
    fn from(file: File) -> Self {
        OwnedFd::from(file).into()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.fd.with(|fd| Ok(fd.as_raw_fd())).unwrap_or(-1);
        f.debug_struct("File").field("fd", &number).finish_non_exhaustive()
    }
}
