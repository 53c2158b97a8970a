//! To connect: begin, wait until it can be written to, ask how it went.
//!
//! Before it begins it is not polled: a socket that is not connected looks as if its peer had hung up.
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
        Patience::Kernel => finish(fd, &socket, to, socket.connect(to)),
        Patience::For(time) => {
            fd.set_timeout(Mode::Write, Some(not_zero(time)?))?;
            finish(fd, &socket, to, socket.connect(to))?;
            fd.set_timeout(Mode::Write, None)
        }
        Patience::Context(ctx) => {
            if let Some(error) = of_context(ctx) {
                return Err(error);
            }
            let begun = socket.connect(to);
            let _bond = EndsWith::new(fd.inner(), ctx)?;
            finish(fd, &socket, to, begun).map_err(|error| of_context(ctx).unwrap_or(error))
        }
    }
}

/// Goes on until it has an answer, after it has `begun`.
fn finish(fd: &Fd, socket: &Socket, to: &SockAddr, begun: Result<()>) -> Result<()> {
    let until = fd.until(Mode::Write);
    let mut answer = begun;
    loop {
        match answer {
            Ok(()) => return Ok(()),
            Err(error) => match error.raw_os_error() {
                Some(libc::EISCONN) => return Ok(()),
                Some(libc::EINPROGRESS | libc::EALREADY | libc::EINTR) => {}
                // A Unix socket whose listener has no room: nobody tells when it has.
                Some(libc::EAGAIN) => {
                    fd.pause(Mode::Write, until)?;
                    answer = socket.connect(to);
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
        answer = socket.connect(to);
    }
}
