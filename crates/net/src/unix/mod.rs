//! Sockets of this machine, with the names of `std::os::unix::net`.

mod datagram;
mod listener;
mod stream;

pub use datagram::UnixDatagram;
pub use listener::{UnixIncoming, UnixListener};
pub use stream::UnixStream;

use socket2::SockAddr;
use std::io::{ErrorKind, Result};
use std::os::unix::net::SocketAddr;

fn unix(addr: &SockAddr) -> Result<SocketAddr> {
    addr.as_unix().ok_or_else(|| ErrorKind::InvalidData.into())
}

/// An address of std's as the kernel has it.
fn of_std(addr: &SocketAddr) -> Result<SockAddr> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    if let Some(name) = addr.as_abstract_name() {
        let path = [&[0], name].concat();
        return SockAddr::unix(std::ffi::OsString::from_vec(path));
    }
    let path = addr.as_pathname().ok_or(ErrorKind::InvalidInput)?;
    SockAddr::unix(std::ffi::OsStr::from_bytes(path.as_os_str().as_bytes()))
}
