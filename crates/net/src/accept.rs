//! To accept: what a connection is, and what a listener does when there are no descriptors left.

use crate::fd::Fd;
use core::time::Duration;
use gaggle_netpoll::Mode;
use std::io::{Error, Result};
use std::os::fd::BorrowedFd;

/// The first pause, and the longest (Go: `net/http`).
const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_secs(1);

/// Accepts one connection. One that was gone before it was accepted is no error of the listener's.
pub(crate) fn accept<T>(fd: &Fd, call: impl Fn(BorrowedFd<'_>) -> Result<T>) -> Result<T> {
    loop {
        match fd.attempt(Mode::Read, |fd_now| fd.unasked(Mode::Read, fd_now, &call)) {
            Err(error) if error.raw_os_error() == Some(libc::ECONNABORTED) => {}
            done => return done,
        }
    }
}

/// True if it is not the listener's fault, and may be over soon: the process, or the system, has no
/// descriptors or no memory left.
pub(crate) fn is_exhaustion(error: &Error) -> bool {
    let codes = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
    error.raw_os_error().is_some_and(|code| codes.contains(&code))
}

/// Accepts, and pauses, longer each time, while there are no descriptors left.
pub(crate) fn patiently<T>(mut accept: impl FnMut() -> Result<T>) -> Result<T> {
    let mut pause = FIRST;
    loop {
        match accept() {
            Err(error) if is_exhaustion(&error) => {
                gaggle_time::sleep(pause);
                pause = (pause * 2).min(LONGEST);
            }
            done => return done,
        }
    }
}
