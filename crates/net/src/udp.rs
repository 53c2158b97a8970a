//! Datagrams, with the names of [`std::net::UdpSocket`].

use crate::config::ListenConfig;
use crate::datagram;
use crate::face::{by_std, from_owned, handle, limits, nonblocking};
use crate::fd::{Handle, Kind};
use core::fmt;
use socket2::SockAddr;
use std::io::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::os::fd::AsRawFd;

/// A UDP socket (Go: `net.UDPConn`).
///
/// # Examples
///
/// ```
/// use gaggle_net::UdpSocket;
/// let (a, b) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
/// a.send_to(b"hello", b.local_addr()?)?;
/// let mut word = [0; 8];
/// assert_eq!(b.recv_from(&mut word)?, (5, a.local_addr()?));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct UdpSocket {
    fd: Handle,
}

handle!(UdpSocket);
from_owned!(UdpSocket, Kind::Socket);
limits!(UdpSocket);
nonblocking!(UdpSocket);
by_std! { UdpSocket, std::net::UdpSocket;
    /// The address that it is connected to.
    peer_addr() -> SocketAddr;
    /// Its own address.
    local_addr() -> SocketAddr;
    /// Whether it may send to broadcast addresses.
    set_broadcast(broadcast: bool) -> ();
    /// Whether it may send to broadcast addresses.
    broadcast() -> bool;
    /// Whether it receives its own multicast packets.
    set_multicast_loop_v4(on: bool) -> ();
    /// Whether it receives its own multicast packets.
    multicast_loop_v4() -> bool;
    /// How many hops its multicast packets may take.
    set_multicast_ttl_v4(ttl: u32) -> ();
    /// How many hops its multicast packets may take.
    multicast_ttl_v4() -> u32;
    /// Whether it receives its own multicast packets.
    set_multicast_loop_v6(on: bool) -> ();
    /// Whether it receives its own multicast packets.
    multicast_loop_v6() -> bool;
    /// How many hops its packets may take.
    set_ttl(ttl: u32) -> ();
    /// How many hops its packets may take.
    ttl() -> u32;
    /// Joins a group.
    join_multicast_v4(group: &Ipv4Addr, interface: &Ipv4Addr) -> ();
    /// Joins a group.
    join_multicast_v6(group: &Ipv6Addr, interface: u32) -> ();
    /// Leaves a group.
    leave_multicast_v4(group: &Ipv4Addr, interface: &Ipv4Addr) -> ();
    /// Leaves a group.
    leave_multicast_v6(group: &Ipv6Addr, interface: u32) -> ();
    /// Takes the error of the socket, if there is one.
    take_error() -> Option<Error>;
}

fn inet(addr: &SockAddr) -> Result<SocketAddr> {
    addr.as_socket().ok_or_else(|| ErrorKind::InvalidData.into())
}

impl UdpSocket {
    /// A socket at the first of `addr`'s addresses that can be had (Go: `net.ListenPacket`).
    ///
    /// # Errors
    ///
    /// What the resolver or the kernel says, of the last address.
    pub fn bind<A: ToSocketAddrs>(addr: A) -> Result<Self> {
        ListenConfig::new().bind_udp(addr)
    }

    /// The next datagram, and who sent it. A switch point.
    ///
    /// # Errors
    ///
    /// What the kernel says; `i/o timeout`; that it is closed.
    pub fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        let (count, from) = datagram::recv_from(&self.fd, buf, 0)?;
        Ok((count, inet(&from)?))
    }

    /// The same, and the next call finds it again.
    ///
    /// # Errors
    ///
    /// As for [`recv_from`](Self::recv_from).
    pub fn peek_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr)> {
        let (count, from) = datagram::recv_from(&self.fd, buf, libc::MSG_PEEK)?;
        Ok((count, inet(&from)?))
    }

    /// Sends a datagram to the first of `addr`'s addresses. A name is looked up as by
    /// [`lookup`](crate::lookup). A switch point.
    ///
    /// # Errors
    ///
    /// What the resolver or the kernel says; `i/o timeout`; that it is closed.
    pub fn send_to<A: ToSocketAddrs>(&self, buf: &[u8], addr: A) -> Result<usize> {
        let Some(to) = crate::resolve::lookup(addr)?.next() else {
            return Err(Error::new(ErrorKind::InvalidInput, "no addresses to send data to"));
        };
        datagram::send_to(&self.fd, buf, &SockAddr::from(to))
    }

    /// From now on it sends to the first of `addr`'s addresses that will do, and receives from there
    /// alone.
    ///
    /// # Errors
    ///
    /// What the resolver or the kernel says, of the last address.
    pub fn connect<A: ToSocketAddrs>(&self, addr: A) -> Result<()> {
        crate::resolve::each(addr, |addr| self.with_std(|std| std.connect(addr)))
    }

    /// Sends a datagram to where it is connected. A switch point.
    ///
    /// # Errors
    ///
    /// What the kernel says; `i/o timeout`; that it is closed.
    pub fn send(&self, buf: &[u8]) -> Result<usize> {
        self.fd.write(buf)
    }

    /// The next datagram from where it is connected. A switch point.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn recv(&self, buf: &mut [u8]) -> Result<usize> {
        datagram::recv(&self.fd, buf)
    }

    /// The same, and the next call finds it again.
    ///
    /// # Errors
    ///
    /// As for [`send`](Self::send).
    pub fn peek(&self, buf: &mut [u8]) -> Result<usize> {
        datagram::peek(&self.fd, buf)
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = f.debug_struct("UdpSocket");
        if let Ok(addr) = self.local_addr() {
            all.field("addr", &addr);
        }
        if let Ok(number) = self.fd.with(|fd| Ok(fd.as_raw_fd())) {
            all.field("fd", &number);
        }
        all.finish()
    }
}
