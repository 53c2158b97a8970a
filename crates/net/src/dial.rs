//! To connect: begin, wait until it can be written to, ask how it went.
//!
//! The new socket has `O_NONBLOCK` while it connects, and nobody else has it; then it loses it.

use crate::ctx::EndsWith;
use crate::err::of_context;
use crate::fd::{Fd, Handle, Kind};
use crate::resolve::not_zero;
use core::time::Duration;
use gaggle_context::Context;
use gaggle_netpoll::Mode;
use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use std::io::{Error, Result};

/// What may end it before it has an answer.
#[derive(Clone, Copy)]
pub(crate) enum Patience<'a> {
    /// The kernel alone.
    Kernel,
    /// A time.
    For(Duration),
    /// A context.
    Context(&'a Context),
}

/// A stream connected to `to`. A switch point.
pub(crate) fn dial(
    domain: Domain,
    to: &SockAddr,
    kind: Kind,
    patience: Patience<'_>,
) -> Result<Handle> {
    let socket = Socket::new(domain, Type::STREAM.nonblocking(), None)?;
    let fd = Handle::new(socket.into(), kind);
    connect(&fd, to, patience)?;
    fd.set_flag(false)?;
    Ok(fd)
}

fn connect(fd: &Handle, to: &SockAddr, patience: Patience<'_>) -> Result<()> {
    let in_use = fd.lock(Mode::Write)?;
    let socket = in_use.borrow();
    let socket = SockRef::from(&socket);
    match patience {
        Patience::Kernel => finish(fd, &socket, to),
        Patience::For(time) => {
            fd.set_timeout(Mode::Write, Some(not_zero(time)?))?;
            finish(fd, &socket, to)?;
            fd.set_timeout(Mode::Write, None)
        }
        Patience::Context(ctx) => {
            if let Some(error) = of_context(ctx) {
                return Err(error);
            }
            let _bond = EndsWith::new(fd.inner(), ctx)?;
            finish(fd, &socket, to).map_err(|error| of_context(ctx).unwrap_or(error))
        }
    }
}

fn finish(fd: &Fd, socket: &Socket, to: &SockAddr) -> Result<()> {
    let until = fd.until(Mode::Write);
    loop {
        match socket.connect(to) {
            Ok(()) => return Ok(()),
            Err(error) => match error.raw_os_error() {
                Some(libc::EISCONN) => return Ok(()),
                Some(libc::EINPROGRESS | libc::EALREADY | libc::EINTR) => {}
                // A Unix socket whose listener has no room: nobody tells when it has.
                Some(libc::EAGAIN) => {
                    fd.pause(Mode::Write, until)?;
                    continue;
                }
                _ => return Err(error),
            },
        }
        fd.wait(Mode::Write, until)?;
        if let Some(error) = socket.take_error()? {
            return Err(Error::from_raw_os_error(error.raw_os_error().unwrap_or(libc::EIO)));
        }
        // A token that lay there from before: connected it is if it has a peer.
        if socket.peer_addr().is_ok() {
            return Ok(());
        }
    }
}
