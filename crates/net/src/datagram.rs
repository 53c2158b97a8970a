//! What sockets for datagrams have in common. An empty buffer is no reason not to ask: an empty datagram is
//! one, too.

use crate::fd::Fd;
use core::mem::MaybeUninit;
use gaggle_netpoll::Mode;
use socket2::{SockAddr, SockRef};
use std::io::Result;

/// The bytes of `buf` as a place to be written to.
fn place(buf: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the same bytes; nobody writes anything uninitialised there: the kernel does.
    unsafe { &mut *(core::ptr::from_mut(buf) as *mut [MaybeUninit<u8>]) }
}

pub(crate) fn recv_from(fd: &Fd, buf: &mut [u8], flags: i32) -> Result<(usize, SockAddr)> {
    let flags = flags | libc::MSG_DONTWAIT;
    fd.attempt(Mode::Read, |fd| SockRef::from(&fd).recv_from_with_flags(place(buf), flags))
}

pub(crate) fn send_to(fd: &Fd, buf: &[u8], to: &SockAddr) -> Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    fd.attempt(Mode::Write, |fd| SockRef::from(&fd).send_to_with_flags(buf, to, flags))
}

pub(crate) fn recv(fd: &Fd, buf: &mut [u8]) -> Result<usize> {
    fd.attempt(Mode::Read, |_| fd.try_read(buf))
}

pub(crate) fn peek(fd: &Fd, buf: &mut [u8]) -> Result<usize> {
    fd.attempt(Mode::Read, |_| fd.try_peek(buf))
}
