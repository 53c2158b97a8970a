//! Names to addresses: std's resolver, which blocks its thread, as an announced call.

use core::time::Duration;
use std::io::{Error, ErrorKind, Result};
use std::net::{SocketAddr, ToSocketAddrs};

/// The addresses of `name`, as std finds them; the goroutine's P goes to others meanwhile (Go:
/// `net.LookupHost`). A switch point.
///
/// # Errors
///
/// What the resolver says.
///
/// # Examples
///
/// ```
/// assert!(gaggle_net::lookup("127.0.0.1:80")?.count() == 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn lookup<A: ToSocketAddrs>(name: A) -> Result<A::Iter> {
    gaggle_sched::syscall(|| name.to_socket_addrs())
}

/// Does `f` with one address after the other until it succeeds.
pub(crate) fn each<A: ToSocketAddrs, T>(
    name: A,
    mut f: impl FnMut(SocketAddr) -> Result<T>,
) -> Result<T> {
    let mut last = None;
    for addr in lookup(name)? {
        match f(addr) {
            Ok(done) => return Ok(done),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| {
        Error::new(ErrorKind::InvalidInput, "could not resolve to any addresses")
    }))
}

/// A time limit of zero is a mistake, in std, too.
pub(crate) fn not_zero(timeout: Duration) -> Result<Duration> {
    if timeout.is_zero() {
        return Err(Error::new(ErrorKind::InvalidInput, "cannot set a 0 duration timeout"));
    }
    Ok(timeout)
}
