//! Datagrams on this machine, with the names of [`std::os::unix::net::UnixDatagram`].

use super::{at_path, of_peer, of_std, unnamed};
use crate::datagram;
use crate::face::{by_std, from_owned, handle, limits, nonblocking};
use crate::fd::{Handle, Kind};
use core::fmt;
use gaggle_netpoll::Mode;
use socket2::{SockAddr, SockRef};
use std::io::{ErrorKind, Result};
use std::net::Shutdown;
use std::os::fd::BorrowedFd;
use std::os::unix::net::SocketAddr;
use std::path::Path;

/// A socket for datagrams on this machine (Go: `net.UnixConn` of `unixgram`).
///
/// # Examples
///
/// ```
/// use gaggle_net::UnixDatagram;
/// let (a, b) = UnixDatagram::pair()?;
/// a.send(b"one")?;
/// let mut word = [0; 8];
/// assert_eq!(b.recv(&mut word)?, 3);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixDatagram {
    fd: Handle,
}

handle!(UnixDatagram);
from_owned!(UnixDatagram, Kind::Socket);
limits!(UnixDatagram);
nonblocking!(UnixDatagram);
by_std! { UnixDatagram, std::os::unix::net::UnixDatagram;
    /// The address that it is connected to.
    peer_addr() -> SocketAddr;
    /// Its own address.
    local_addr() -> SocketAddr;
    /// Closes one direction, or both.
    shutdown(how: Shutdown) -> ();
    /// Takes the error of the socket, if there is one.
    take_error() -> Option<std::io::Error>;
}

impl UnixDatagram {
    /// A socket at `path`, which it makes.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn bind<P: AsRef<Path>>(path: P) -> Result<Self> {
        std::os::unix::net::UnixDatagram::bind(path).map(Self::from)
    }

    /// A socket at `addr`, which may be an abstract name.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn bind_addr(addr: &SocketAddr) -> Result<Self> {
        std::os::unix::net::UnixDatagram::bind_addr(addr).map(Self::from)
    }

    /// A socket without an address.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn unbound() -> Result<Self> {
        std::os::unix::net::UnixDatagram::unbound().map(Self::from)
    }

    /// Two that are connected to each other.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn pair() -> Result<(Self, Self)> {
        let (a, b) = std::os::unix::net::UnixDatagram::pair()?;
        Ok((a.into(), b.into()))
    }

    /// From now on it sends to `path`, and receives from there alone.
    ///
    /// # Errors
    ///
    /// What the kernel says, or that it is closed.
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> Result<()> {
        self.with_std(|std| std.connect(path))
    }

    /// As [`connect`](Self::connect), to `addr`.
    ///
    /// # Errors
    ///
    /// What the kernel says, or that it is closed.
    pub fn connect_addr(&self, addr: &SocketAddr) -> Result<()> {
        self.with_std(|std| std.connect_addr(addr))
    }

    /// The next datagram, and who sent it. A path of 108 bytes, the longest that the kernel has, is shown as no
    /// name: std's type cannot be made of it. A switch point.
    ///
    /// # Errors
    ///
    /// What the kernel says; `i/o timeout`; that it is closed.
    pub fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        let (count, from) = datagram::recv_from(&self.fd, buf, 0)?;
        Ok((count, of_peer(&from, unnamed)?))
    }

    /// The next datagram. A switch point.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from).
    pub fn recv(&self, buf: &mut [u8]) -> Result<usize> {
        datagram::recv(&self.fd, buf)
    }

    /// Sends a datagram to `path`. A switch point.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from).
    pub fn send_to<P: AsRef<Path>>(&self, buf: &[u8], path: P) -> Result<usize> {
        self.send_to_it(buf, &at_path(path.as_ref())?)
    }

    /// Sends a datagram to `addr`. A switch point.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from).
    pub fn send_to_addr(&self, buf: &[u8], addr: &SocketAddr) -> Result<usize> {
        self.send_to_it(buf, &of_std(addr)?)
    }

    /// Sends a datagram to where it is connected. A switch point.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from).
    pub fn send(&self, buf: &[u8]) -> Result<usize> {
        self.patiently(|_| self.fd.try_write(buf))
    }

    fn send_to_it(&self, buf: &[u8], to: &SockAddr) -> Result<usize> {
        let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
        self.patiently(|fd| SockRef::from(&fd).send_to_with_flags(buf, to, flags))
    }

    /// Sends until it is done. That a receiver has no room is nothing that the kernel tells a sender of when it is over: as
    /// far as it is concerned, he may write.
    fn patiently(&self, send: impl Fn(BorrowedFd<'_>) -> Result<usize>) -> Result<usize> {
        let until = self.fd.until(Mode::Write);
        self.fd.attempt(Mode::Write, |fd| {
            loop {
                match send(fd) {
                    Err(error)
                        if error.kind() == ErrorKind::WouldBlock
                            && !self.fd.refuses()
                            && self.fd.is_ready(Mode::Write)? =>
                    {
                        self.fd.pause(Mode::Write, until)?;
                    }
                    done => return done,
                }
            }
        })
    }

    /// The next datagram, and the next call finds it again.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from).
    pub fn peek(&self, buf: &mut [u8]) -> Result<usize> {
        datagram::peek(&self.fd, buf)
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        super::debug(f.debug_struct("UnixDatagram"), &self.fd, self.local_addr(), self.peer_addr())
    }
}
