//! A TCP connection, with the names of [`std::net::TcpStream`].

use crate::dial::{Patience, dial};
use crate::face::{by_std, from_owned, handle, limits, nonblocking, stream_io};
use crate::fd::{Handle, Kind};
use crate::resolve::{each, not_zero};
use crate::split::{ReadHalf, WriteHalf, halves};
use core::fmt;
use core::time::Duration;
use gaggle_context::Context;
use gaggle_netpoll::Mode;
use socket2::{Domain, SockAddr, SockRef};
use std::io::Result;
use std::net::{Shutdown, SocketAddr, ToSocketAddrs};
use std::os::fd::AsRawFd;

/// A TCP connection (Go: `net.TCPConn`). Reading and writing park the goroutine, not its thread; on a plain
/// thread they block it. `&TcpStream` reads and writes, too; one reads and one writes at a time.
///
/// It never has `O_NONBLOCK`, unless [`set_nonblocking`](Self::set_nonblocking) asks for that, so whoever
/// is given its descriptor finds it as std would have left it.
///
/// # Examples
///
/// ```
/// use gaggle_net::{TcpListener, TcpStream};
/// use std::io::{Read, Write};
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let mut client = TcpStream::connect(listener.local_addr()?)?;
/// let (mut server, _) = listener.accept()?;
/// client.write_all(b"ping")?;
/// let mut word = [0; 4];
/// server.read_exact(&mut word)?;
/// assert_eq!(&word, b"ping");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TcpStream {
    pub(crate) fd: Handle,
}

handle!(TcpStream);
from_owned!(TcpStream, Kind::TcpStream);
limits!(TcpStream);
nonblocking!(TcpStream);
stream_io!(TcpStream, &TcpStream);
by_std! { TcpStream, std::net::TcpStream;
    /// The address of the other side.
    peer_addr() -> SocketAddr;
    /// Our own address.
    local_addr() -> SocketAddr;
    /// Closes one direction, or both; other handles see it, too.
    shutdown(how: Shutdown) -> ();
    /// Whether small writes go out at once. Go's connections begin so; these do not, as std's.
    set_nodelay(nodelay: bool) -> ();
    /// Whether small writes go out at once.
    nodelay() -> bool;
    /// How many hops its packets may take.
    set_ttl(ttl: u32) -> ();
    /// How many hops its packets may take.
    ttl() -> u32;
    /// Takes the error of the socket, if there is one.
    take_error() -> Option<std::io::Error>;
}

impl TcpStream {
    /// Connects to the first of `addr`'s addresses that answers (Go: `net.Dial`). A switch point; the
    /// name is looked up as an announced blocking call.
    ///
    /// # Errors
    ///
    /// What the resolver or the kernel says, of the last address.
    pub fn connect<A: ToSocketAddrs>(addr: A) -> Result<Self> {
        each(addr, |addr| Self::dial(addr, Patience::Kernel))
    }

    /// As [`connect`](Self::connect), to one address, within `timeout` (Go: `net.DialTimeout`).
    ///
    /// # Errors
    ///
    /// What the kernel says; `i/o timeout`; that the time is zero.
    pub fn connect_timeout(addr: &SocketAddr, timeout: Duration) -> Result<Self> {
        Self::dial(*addr, Patience::For(not_zero(timeout)?))
    }

    /// As [`connect`](Self::connect), until `ctx` ends (Go: `Dialer.DialContext`). A name is still looked
    /// up when it does.
    ///
    /// # Errors
    ///
    /// What the resolver or the kernel says, of the last address; the context's error.
    ///
    /// # Examples
    ///
    /// ```
    /// use gaggle_context as context;
    /// use gaggle_net::TcpStream;
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// cancel.cancel();
    /// let error = TcpStream::connect_ctx(&ctx, "127.0.0.1:1").unwrap_err();
    /// assert_eq!(error.to_string(), "context canceled");
    /// ```
    pub fn connect_ctx<A: ToSocketAddrs>(ctx: &Context, addr: A) -> Result<Self> {
        if let Some(error) = crate::err::of_context(ctx) {
            return Err(error);
        }
        each(addr, |addr| Self::dial(addr, Patience::Context(ctx)))
    }

    fn dial(addr: SocketAddr, patience: Patience<'_>) -> Result<Self> {
        let to = SockAddr::from(addr);
        Ok(Self { fd: dial(Domain::for_address(addr), &to, Kind::TcpStream, patience)? })
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
    pub fn into_split(self) -> (ReadHalf, WriteHalf) {
        let other = Self { fd: self.fd.clone() };
        halves(self, other)
    }

    /// Two borrowed halves.
    pub fn split(&self) -> (&Self, &Self) {
        (self, self)
    }

    /// What closing does with bytes that were not sent: none, it goes on in the background.
    ///
    /// # Errors
    ///
    /// What the kernel says, or that it is closed.
    pub fn set_linger(&self, linger: Option<Duration>) -> Result<()> {
        self.fd.with(|fd| SockRef::from(&fd).set_linger(linger))
    }

    /// What [`set_linger`](Self::set_linger) has set.
    ///
    /// # Errors
    ///
    /// What the kernel says, or that it is closed.
    pub fn linger(&self) -> Result<Option<Duration>> {
        self.fd.with(|fd| SockRef::from(&fd).linger())
    }

    /// Whether the kernel asks now and then if the other side is still there.
    ///
    /// # Errors
    ///
    /// What the kernel says, or that it is closed.
    pub fn set_keepalive(&self, keepalive: bool) -> Result<()> {
        self.fd.with(|fd| SockRef::from(&fd).set_keepalive(keepalive))
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("TcpStream");
        if let Ok(addr) = self.local_addr() {
            all.field("addr", &addr);
        }
        if let Ok(peer) = self.peer_addr() {
            all.field("peer", &peer);
        }
        if let Ok(number) = self.fd.with(|fd| Ok(fd.as_raw_fd())) {
            all.field("fd", &number);
        }
        all.finish()
    }
}
