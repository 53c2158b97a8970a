//! Who listens for connections of this machine, with the names of [`std::os::unix::net::UnixListener`].

use super::{of_peer, unnamed};
use crate::accept::{accept, patiently};
use crate::err::is_closed;
use crate::face::{by_std, deadlines, from_owned_listener, handle};
use crate::fd::Handle;
use crate::unix::UnixStream;
use core::fmt;
use core::iter::FusedIterator;
use std::io::Result;
use std::os::unix::net::SocketAddr;
use std::path::Path;

/// Listens for connections of this machine (Go: `net.UnixListener`). The path stays when it is dropped, as
/// in std.
///
/// # Examples
///
/// ```
/// use gaggle_net::{UnixListener, UnixStream};
/// let path = std::env::temp_dir().join(format!("gaggle-doc-{}", std::process::id()));
/// let listener = UnixListener::bind(&path)?;
/// let _client = UnixStream::connect(&path)?;
/// let (_server, _) = listener.accept()?;
/// std::fs::remove_file(path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UnixListener {
    fd: Handle,
}

handle!(UnixListener);
from_owned_listener!(UnixListener);
deadlines!(UnixListener);
by_std! { UnixListener, std::os::unix::net::UnixListener;
    /// The address that it listens at.
    local_addr() -> SocketAddr;
    /// Takes the error of the socket, if there is one.
    take_error() -> Option<std::io::Error>;
}

impl UnixListener {
    /// Listens at `path`, which it makes.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn bind<P: AsRef<Path>>(path: P) -> Result<Self> {
        std::os::unix::net::UnixListener::bind(path).map(Self::from)
    }

    /// Listens at `addr`.
    ///
    /// # Errors
    ///
    /// What the kernel says.
    pub fn bind_addr(addr: &SocketAddr) -> Result<Self> {
        std::os::unix::net::UnixListener::bind_addr(addr).map(Self::from)
    }

    /// The next connection. A switch point.
    ///
    /// # Errors
    ///
    /// As for [`TcpListener::accept`](crate::TcpListener::accept).
    pub fn accept(&self) -> Result<(UnixStream, SocketAddr)> {
        accept(&self.fd, |fd| {
            let (stream, from) = socket2::SockRef::from(&fd).accept()?;
            let stream = UnixStream::fresh(stream.into());
            let from = of_peer(&from, || stream.peer_addr().or_else(|_| unnamed()))?;
            Ok((stream, from))
        })
    }

    /// Connections without end, as [`TcpListener::incoming`](crate::TcpListener::incoming).
    pub fn incoming(&self) -> UnixIncoming<'_> {
        UnixIncoming { listener: Some(self) }
    }

    /// Makes `accept` fail with `WouldBlock` where it would have to wait, or wait again.
    ///
    /// # Errors
    ///
    /// That it is closed.
    pub fn set_nonblocking(&self, nonblocking: bool) -> Result<()> {
        self.fd.set_refuses(nonblocking);
        self.fd.with(|_| Ok(()))
    }
}

/// The connections of a [`UnixListener`].
#[derive(Debug)]
pub struct UnixIncoming<'a> {
    listener: Option<&'a UnixListener>,
}

impl Iterator for UnixIncoming<'_> {
    type Item = Result<UnixStream>;

    fn next(&mut self) -> Option<Result<UnixStream>> {
        let listener = self.listener?;
        let next = patiently(|| listener.accept()).map(|(stream, _)| stream);
        if next.as_ref().is_err_and(is_closed) {
            self.listener = None;
        }
        Some(next)
    }
}

impl FusedIterator for UnixIncoming<'_> {}

impl<'a> IntoIterator for &'a UnixListener {
    type Item = Result<UnixStream>;
    type IntoIter = UnixIncoming<'a>;

    fn into_iter(self) -> UnixIncoming<'a> {
        self.incoming()
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nobody = Err(std::io::ErrorKind::NotConnected.into());
        super::debug(f.debug_struct("UnixListener"), &self.fd, self.local_addr(), nobody)
    }
}
