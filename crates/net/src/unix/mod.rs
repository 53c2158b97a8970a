//! Sockets of this machine, with the names of `std::os::unix::net`.

mod datagram;
mod listener;
mod stream;

pub use datagram::UnixDatagram;
pub use listener::{UnixIncoming, UnixListener};
pub use stream::UnixStream;

use crate::fd::Handle;
use core::fmt;
use socket2::SockAddr;
use std::io::{Error, ErrorKind, Result};
use std::os::fd::AsRawFd;
use std::os::unix::net::SocketAddr;
use std::path::Path;

/// What std has for the address of a peer, whoever that is; for what std cannot be given, what `otherwise` says.
fn of_peer(addr: &SockAddr, otherwise: impl FnOnce() -> Result<SocketAddr>) -> Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    if let Some(name) = addr.as_abstract_namespace() {
        return SocketAddr::from_abstract_name(name);
    }
    let Some(path) = addr.as_pathname() else { return unnamed() };
    SocketAddr::from_pathname(path).or_else(|_| otherwise())
}

fn unnamed() -> Result<SocketAddr> {
    SocketAddr::from_pathname("")
}

/// The address of a path; one with a zero byte is none.
fn at_path(path: &Path) -> Result<SockAddr> {
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        let text = "paths must not contain interior null bytes";
        return Err(Error::new(ErrorKind::InvalidInput, text));
    }
    SockAddr::unix(path)
}

/// What std shows of a socket; of one that is closed, nothing.
fn debug(
    mut all: fmt::DebugStruct<'_, '_>,
    fd: &Handle,
    local: Result<SocketAddr>,
    peer: Result<SocketAddr>,
) -> fmt::Result {
    if let Ok(number) = fd.with(|fd| Ok(fd.as_raw_fd())) {
        all.field("fd", &number);
    }
    if let Ok(local) = local {
        all.field("local", &local);
    }
    if let Ok(peer) = peer {
        all.field("peer", &peer);
    }
    all.finish()
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
