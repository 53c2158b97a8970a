//! Names to addresses: std's resolver, which blocks its thread, as an announced call.
//!
//! *Only What May Block*: an announced call gives the P away, which costs much more than to hand out an address that is
//! one already. Which it is, the type of the addresses says: what std looks up it answers by a list that it owns. One who
//! answers so without looking anything up is announced in vain; one who looks it up and answers otherwise blocks a thread as
//! any call does that nobody announced.

use core::time::Duration;
use std::io::{Error, ErrorKind, Result};
use std::net::{SocketAddr, ToSocketAddrs};
use std::vec;

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
    if !const { may_block::<A::Iter>() } {
        let addrs = name.to_socket_addrs();
        gaggle_gopark::switch_point();
        return addrs;
    }
    gaggle_sched::syscall(|| name.to_socket_addrs())
}

/// True if `T` has the shape of an owned list (Only What May Block).
const fn may_block<T>() -> bool {
    size_of::<T>() == size_of::<vec::IntoIter<SocketAddr>>()
        && align_of::<T>() == align_of::<vec::IntoIter<SocketAddr>>()
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

#[cfg(test)]
mod tests {
    use super::may_block;
    use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4, ToSocketAddrs};

    const fn blocks<A: ToSocketAddrs>() -> bool {
        may_block::<A::Iter>()
    }

    #[test]
    fn names_may_block_and_addresses_do_not() {
        assert!(blocks::<&str>() && blocks::<String>() && blocks::<(&str, u16)>());
        assert!(!blocks::<SocketAddr>() && !blocks::<&SocketAddr>() && !blocks::<SocketAddrV4>());
        assert!(
            !blocks::<(IpAddr, u16)>()
                && !blocks::<(Ipv4Addr, u16)>()
                && !blocks::<&[SocketAddr]>()
        );
    }
}
