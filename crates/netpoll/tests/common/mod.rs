//! What tests of the kernel's own poller share.

use std::io::Error;
use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "a plain thread")]
pub(crate) fn nap(time: Duration) {
    std::thread::sleep(time);
}

/// Waits until it is so, twenty seconds at most.
#[allow(dead_code, reason = "not every test file has to")]
#[track_caller]
pub(crate) fn until(is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it does not happen");
        nap(Duration::from_millis(1));
    }
}

/// Why the kernel cannot wait for nanoseconds, if it cannot.
pub(crate) fn no_nanoseconds() -> Option<Error> {
    let mut event = libc::epoll_event { events: 0, u64: 0 };
    let (time, no_mask) =
        (core::ptr::null::<libc::timespec>(), core::ptr::null::<libc::sigset_t>());
    let (none, to) = (-1, &raw mut event);
    // SAFETY: no such descriptor, so nothing is written.
    let count =
        unsafe { libc::syscall(libc::SYS_epoll_pwait2, none, to, 1, time, no_mask, 0_usize) };
    assert_eq!(count, -1);
    let error = Error::last_os_error();
    (error.raw_os_error() != Some(libc::EBADF)).then_some(error)
}
