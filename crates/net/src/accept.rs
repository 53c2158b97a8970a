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

#[cfg(test)]
mod tests {
    use super::{FIRST, LONGEST, accept, patiently};
    use crate::fd::{Handle, Kind};
    use core::cell::{Cell, RefCell};
    use core::time::Duration;
    use gaggle_gopark::Task;
    use std::io::{Error, Result};
    use std::panic::Location;

    /// A listener of nobody's: what the kernel says about it is made up.
    fn listener() -> Handle {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Handle::new(listener.into(), Kind::Listener)
    }

    /// Accepts, and the kernel says `errors` first. What the listener says, and how many calls there were.
    fn accepts_after(errors: &[i32]) -> (Result<&'static str>, usize) {
        let (fd, calls) = (listener(), Cell::new(0));
        let done = accept(&fd, |_| {
            let call = calls.replace(calls.get() + 1);
            errors.get(call).map_or(Ok("a connection"), |&code| Err(Error::from_raw_os_error(code)))
        });
        (done, calls.get())
    }

    #[test]
    fn a_connection_that_was_gone_before_is_passed_over() {
        let errors = [libc::ECONNABORTED; 3];
        let (done, calls) = accepts_after(&errors);
        assert_eq!((done.unwrap(), calls), ("a connection", 4));
    }

    #[test]
    fn a_call_that_was_interrupted_is_made_again() {
        let errors = [libc::EINTR, libc::ECONNABORTED, libc::EINTR, libc::EINTR];
        let (done, calls) = accepts_after(&errors);
        assert_eq!((done.unwrap(), calls), ("a connection", 5));
    }

    #[test]
    fn any_other_error_is_the_caller_s() {
        for code in [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM, libc::EINVAL] {
            let (done, calls) = accepts_after(&[libc::EINTR, code, libc::EINTR]);
            assert_eq!((done.unwrap_err().raw_os_error(), calls), (Some(code), 2));
        }
    }

    /// Runs `f` where times are exact.
    fn in_bubble(f: fn()) {
        let body = Task::new(move || gaggle_synctest::test(f));
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        unsafe { gaggle_sched::run(body, Location::caller()) };
    }

    /// Accepts patiently, and the kernel says `errors` first. What comes of it, and the pauses between the calls.
    fn pauses_of(errors: &[i32]) -> (Result<&'static str>, Vec<Duration>) {
        let (times, mut left) = (RefCell::new(Vec::new()), errors.iter());
        let done = patiently(|| {
            times.borrow_mut().push(gaggle_time::now());
            left.next().map_or(Ok("a connection"), |&code| Err(Error::from_raw_os_error(code)))
        });
        (done, times.into_inner().windows(2).map(|pair| pair[1] - pair[0]).collect())
    }

    #[test]
    fn pauses_double_up_to_a_second_and_begin_anew_with_each_connection() {
        in_bubble(|| {
            let milliseconds = [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000];
            let wanted = milliseconds.map(Duration::from_millis);
            assert_eq!((wanted[0], wanted[10]), (FIRST, LONGEST));
            for _ in 0..2 {
                let (done, pauses) = pauses_of(&[libc::EMFILE; 11]);
                assert_eq!((done.unwrap(), &*pauses), ("a connection", &wanted[..]));
            }
        });
    }

    /// Whoever has none left: the process, the system; descriptors, memory.
    #[test]
    fn what_may_be_over_soon_is_waited_for_and_nothing_else_is() {
        in_bubble(|| {
            let soon_over = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
            let (done, pauses) = pauses_of(&soon_over);
            assert_eq!((done.unwrap(), pauses.len()), ("a connection", 4));
            for code in [libc::EBADF, libc::EINVAL, libc::EPERM, libc::EAGAIN, libc::EPROTO] {
                let (done, pauses) = pauses_of(&[libc::ENFILE, code, libc::ENFILE]);
                assert_eq!(done.unwrap_err().raw_os_error(), Some(code));
                assert_eq!(pauses, [FIRST]);
            }
        });
    }
}
