//! Who listens for TCP connections, with the names of [`std::net::TcpListener`].

use crate::accept::{accept, patiently};
use crate::config::ListenConfig;
use crate::err::is_closed;
use crate::face::{by_std, deadlines, from_owned_listener, handle};
use crate::fd::Handle;
use crate::tcp::TcpStream;
use core::fmt;
use core::iter::FusedIterator;
use std::io::Result;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::AsRawFd;

/// Listens for TCP connections (Go: `net.TCPListener`).
///
/// # Examples
///
/// ```
/// use gaggle_net::{TcpListener, TcpStream};
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let client = TcpStream::connect(listener.local_addr()?)?;
/// let (server, from) = listener.accept()?;
/// assert_eq!(from, client.local_addr()?);
/// assert_eq!(server.peer_addr()?, from);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TcpListener {
    fd: Handle,
}

handle!(TcpListener);
from_owned_listener!(TcpListener);
deadlines!(TcpListener);
by_std! { TcpListener, std::net::TcpListener;
    /// The address that it listens at.
    local_addr() -> SocketAddr;
    /// How many hops the packets of its connections may take.
    set_ttl(ttl: u32) -> ();
    /// How many hops the packets of its connections may take.
    ttl() -> u32;
    /// Takes the error of the socket, if there is one.
    take_error() -> Option<std::io::Error>;
}

impl TcpListener {
    /// Listens at the first of `addr`'s addresses that can be had (Go: `net.Listen`).
    /// [`ListenConfig`] has more to choose.
    ///
    /// # Errors
    ///
    /// What the resolver or the kernel says, of the last address.
    pub fn bind<A: ToSocketAddrs>(addr: A) -> Result<Self> {
        ListenConfig::new().listen_tcp(addr)
    }

    /// The next connection. One that was gone before it was accepted is passed over. Several goroutines
    /// may accept; they take turns. A switch point.
    ///
    /// # Errors
    ///
    /// What the kernel says, so also `EMFILE`; [`incoming`](Self::incoming) waits for that to be over.
    pub fn accept(&self) -> Result<(TcpStream, SocketAddr)> {
        accept(&self.fd, |fd| {
            let socket = socket2::SockRef::from(&fd);
            let (stream, from) = socket.accept()?;
            let from = from.as_socket().ok_or(std::io::ErrorKind::InvalidData)?;
            Ok((TcpStream::fresh(stream.into()), from))
        })
    }

    /// Connections without end. While the process has no descriptors or no memory left it pauses, 5
    /// milliseconds at first and up to a second, and goes on (as Go's `net/http` does); so an error is
    /// the listener's own. That it was closed is the last item; after others, such as `WouldBlock` or
    /// `i/o timeout`, the next item is tried anew, as in std.
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming { listener: Some(self) }
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

/// The connections of a [`TcpListener`].
#[derive(Debug)]
pub struct Incoming<'a> {
    listener: Option<&'a TcpListener>,
}

impl Iterator for Incoming<'_> {
    type Item = Result<TcpStream>;

    fn next(&mut self) -> Option<Result<TcpStream>> {
        let listener = self.listener?;
        let next = patiently(|| listener.accept()).map(|(stream, _)| stream);
        if next.as_ref().is_err_and(is_closed) {
            self.listener = None;
        }
        Some(next)
    }
}

impl FusedIterator for Incoming<'_> {}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("TcpListener");
        if let Ok(addr) = self.local_addr() {
            all.field("addr", &addr);
        }
        if let Ok(number) = self.fd.with(|fd| Ok(fd.as_raw_fd())) {
            all.field("fd", &number);
        }
        all.finish()
    }
}
