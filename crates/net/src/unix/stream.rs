//! A connection on this machine, with the names of [`std::os::unix::net::UnixStream`].

use super::{at_path, of_std};
use crate::dial::{Patience, dial};
use crate::face::{by_std, from_owned, handle, limits, nonblocking, stream_io};
use crate::fd::{Handle, Kind};
use crate::split::{ReadHalf, WriteHalf, halves};
use core::fmt;
use gaggle_context::Context;
use gaggle_netpoll::Mode;
use socket2::{Domain, SockAddr};
use std::io::Result;
use std::net::Shutdown;
use std::os::unix::net::SocketAddr;
use std::path::Path;

/// A connected socket of this machine (Go: `net.UnixConn`). As [`TcpStream`](crate::TcpStream).
///
/// # Examples
///
/// ```
/// use gaggle_net::UnixStream;
/// use std::io::{Read, Write};
/// let (mut a, mut b) = UnixStream::pair()?;
/// a.write_all(b"ping")?;
/// drop(a);
/// let mut text = String::new();
/// b.read_to_string(&mut text)?;
/// assert_eq!(text, "ping");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixStream {
    pub(crate) fd: Handle,
}

handle!(UnixStream);
from_owned!(UnixStream, Kind::Socket);
limits!(UnixStream);
nonblocking!(UnixStream);
stream_io!(UnixStream, &UnixStream);
by_std! { UnixStream, std::os::unix::net::UnixStream;
    /// The address of the other side.
    peer_addr() -> SocketAddr;
    /// Our own address.
    local_addr() -> SocketAddr;
    /// Closes one direction, or both; other handles see it, too.
    shutdown(how: Shutdown) -> ();
    /// Takes the error of the socket, if there is one.
    take_error() -> Option<std::io::Error>;
}

impl UnixStream {
    /// Connects to who listens at `path`. A switch point.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn connect<P: AsRef<Path>>(path: P) -> Result<Self> {
        Self::dial(&at_path(path.as_ref())?, Patience::Kernel)
    }

    /// Connects to who listens at `addr`. A switch point.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn connect_addr(addr: &SocketAddr) -> Result<Self> {
        Self::dial(&of_std(addr)?, Patience::Kernel)
    }

    /// As [`connect`](Self::connect), until `ctx` ends.
    ///
    /// # Errors
    ///
    /// What the kernel says; the context's error.
    pub fn connect_ctx<P: AsRef<Path>>(ctx: &Context, path: P) -> Result<Self> {
        Self::dial(&at_path(path.as_ref())?, Patience::Context(ctx))
    }

    fn dial(to: &SockAddr, patience: Patience<'_>) -> Result<Self> {
        Ok(Self { fd: dial(Domain::UNIX, to, Kind::Socket, patience)? })
    }

    /// Two that are connected to each other.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn pair() -> Result<(Self, Self)> {
        let (a, b) = std::os::unix::net::UnixStream::pair()?;
        Ok((a.into(), b.into()))
    }

    /// Reads without taking: the next read finds the same. A switch point.
    ///
    /// # Errors
    ///
    /// As for `read`.
    pub fn peek(&self, buf: &mut [u8]) -> Result<usize> {
        self.fd.attempt(Mode::Read, |_| self.fd.try_peek(buf))
    }

    /// Two halves, one to read and one to write, of which the latter ends its direction when it is
    /// dropped. [`try_clone`](Self::try_clone) gives handles that do all, and end nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_net::UnixStream;
    /// use std::io::{Read, Write};
    /// let (a, b) = UnixStream::pair()?;
    /// let ((mut reader, _), (_, mut writer)) = (a.into_split(), b.into_split());
    /// writer.write_all(b"all")?;
    /// drop(writer);
    /// let mut text = String::new();
    /// reader.read_to_string(&mut text)?;
    /// assert_eq!(text, "all");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_split(self) -> (ReadHalf<Self>, WriteHalf<Self>) {
        let other = Self { fd: self.fd.clone() };
        halves(self, other)
    }

    /// Two borrowed halves.
    pub fn split(&self) -> (&Self, &Self) {
        (self, self)
    }
}

impl fmt::Debug for UnixStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::debug(f.debug_struct("UnixStream"), &self.fd, self.local_addr(), self.peer_addr())
    }
}
