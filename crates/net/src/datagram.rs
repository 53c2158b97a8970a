//! What sockets for datagrams have in common. An empty buffer is no reason not to ask: an empty datagram is
//! one, too.
//!
//! *Over Is Asked For*: of a socket that was shut down for reading the kernel says to a call that must not wait that it would
//! have to, and 0 to one that may. So who would have to wait asks whether it is over; then, and it stays so, the call may wait.

use crate::fd::Fd;
use core::mem::MaybeUninit;
use gaggle_netpoll::Mode;
use socket2::{SockAddr, SockRef};
use std::io::{ErrorKind, Result};

/// The bytes of `buf` as a place to be written to.
fn place(buf: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: the same bytes; nobody writes anything uninitialised there: the kernel does.
    unsafe { &mut *(core::ptr::from_mut(buf) as *mut [MaybeUninit<u8>]) }
}

/// A receive by `call`, which is told the flags that are not its own (Over Is Asked For).
fn receive<T>(fd: &Fd, mut call: impl FnMut(SockRef<'_>, i32) -> Result<T>) -> Result<T> {
    fd.attempt(Mode::Read, |number| match call(SockRef::from(&number), libc::MSG_DONTWAIT) {
        Err(error) if error.kind() == ErrorKind::WouldBlock && fd.reading_is_over()? => {
            call(SockRef::from(&number), 0)
        }
        done => done,
    })
}

pub(crate) fn recv_from(fd: &Fd, buf: &mut [u8], flags: i32) -> Result<(usize, SockAddr)> {
    receive(fd, |socket, more| socket.recv_from_with_flags(place(buf), flags | more))
}

pub(crate) fn recv(fd: &Fd, buf: &mut [u8]) -> Result<usize> {
    receive(fd, |socket, more| socket.recv_with_flags(place(buf), more))
}

pub(crate) fn peek(fd: &Fd, buf: &mut [u8]) -> Result<usize> {
    receive(fd, |socket, more| socket.recv_with_flags(place(buf), libc::MSG_PEEK | more))
}

pub(crate) fn send_to(fd: &Fd, buf: &[u8], to: &SockAddr) -> Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    fd.attempt(Mode::Write, |fd| SockRef::from(&fd).send_to_with_flags(buf, to, flags))
}
