//! How to listen: what there is to choose beside the address.

use crate::resolve::each;
use crate::tcp::TcpListener;
use crate::udp::UdpSocket;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::Result;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::OwnedFd;

/// How many connections may wait to be accepted, if nothing else is said; the kernel has a limit of its own.
const BACKLOG: i32 = 4096;

/// Whether several sockets may share an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    Alone,
    ReusePort,
}

/// How to listen (Go: `net.ListenConfig`).
///
/// # Examples
///
/// ```
/// use gaggle_net::ListenConfig;
/// let config = ListenConfig::new().reuse_port();
/// let one = config.listen_tcp("127.0.0.1:0")?;
/// let other = config.listen_tcp(one.local_addr()?)?; // the kernel deals connections out
/// assert_eq!(one.local_addr()?, other.local_addr()?);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ListenConfig {
    backlog: i32,
    sharing: Sharing,
}

impl ListenConfig {
    /// What [`TcpListener::bind`] does: `SO_REUSEADDR`, a long queue.
    pub const fn new() -> Self {
        Self { backlog: BACKLOG, sharing: Sharing::Alone }
    }

    /// Several sockets, also of several processes of one user, may listen at one address
    /// (`SO_REUSEPORT`).
    #[must_use]
    pub const fn reuse_port(mut self) -> Self {
        self.sharing = Sharing::ReusePort;
        self
    }

    /// How many connections may wait to be accepted.
    #[must_use]
    pub const fn backlog(mut self, backlog: u16) -> Self {
        self.backlog = backlog as i32;
        self
    }

    /// Listens for connections at the first of `addr`'s addresses that can be had.
    ///
    /// # Errors
    ///
    /// What the resolver or the kernel says, of the last address.
    pub fn listen_tcp<A: ToSocketAddrs>(&self, addr: A) -> Result<TcpListener> {
        each(addr, |addr| {
            let socket = self.socket(addr, Type::STREAM)?;
            socket.set_reuse_address(true)?;
            socket.bind(&SockAddr::from(addr))?;
            socket.listen(self.backlog)?;
            Ok(TcpListener::from(OwnedFd::from(socket)))
        })
    }

    /// A socket for datagrams at the first of `addr`'s addresses that can be had.
    ///
    /// # Errors
    ///
    /// As for [`listen_tcp`](Self::listen_tcp).
    pub fn bind_udp<A: ToSocketAddrs>(&self, addr: A) -> Result<UdpSocket> {
        each(addr, |addr| {
            let socket = self.socket(addr, Type::DGRAM)?;
            socket.bind(&SockAddr::from(addr))?;
            Ok(UdpSocket::from(OwnedFd::from(socket)))
        })
    }

    fn socket(&self, addr: SocketAddr, kind: Type) -> Result<Socket> {
        let socket = Socket::new(Domain::for_address(addr), kind, None)?;
        if self.sharing == Sharing::ReusePort {
            socket.set_reuse_port(true)?;
        }
        Ok(socket)
    }
}

impl Default for ListenConfig {
    fn default() -> Self {
        Self::new()
    }
}
