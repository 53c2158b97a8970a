//! epoll: edge-triggered, one instance, an eventfd for breaks (SEMANTICS U1, U7).
//!
//! *Level For Breaks*: the eventfd is registered level-triggered and counts as a semaphore, so a break that
//! one M sees stays for the M that it is meant for.
//!
//! *Started*: the two descriptors are written once, before the state that `poll.rs` publishes.

use crate::desc::Readiness;
use crate::poll::Patience;
use core::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use gaggle_lock::nanotime;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};

/// The most events of one call (SEMANTICS U1).
const BATCH: usize = 128;

/// No descriptor has this tag.
const BREAK: u64 = u64::MAX;

const NANOSECONDS: u32 = 0;
const MILLISECONDS: u32 = 1;

static EPOLL: AtomicI32 = AtomicI32::new(-1);
static EVENT: AtomicI32 = AtomicI32::new(-1);
/// Which call the kernel has: `epoll_pwait2` came with Linux 5.11.
static GRAIN: AtomicU32 = AtomicU32::new(NANOSECONDS);

fn check(answer: i32) -> io::Result<i32> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(answer) }
}

fn epoll() -> i32 {
    EPOLL.load(Ordering::Acquire) // pairs with the Release in `start`: the descriptor is made
}

/// A descriptor of ours that is closed if nothing comes of it.
fn owned(answer: i32) -> io::Result<OwnedFd> {
    // SAFETY: the kernel has just made it.
    check(answer).map(|fd| unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(crate) fn start() -> io::Result<()> {
    // SAFETY: no pointers.
    let epoll = owned(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
    let flags = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK | libc::EFD_SEMAPHORE;
    // SAFETY: no pointers.
    let event = owned(unsafe { libc::eventfd(0, flags) })?;
    let (its, op, bits) = (event.as_raw_fd(), libc::EPOLL_CTL_ADD, libc::EPOLLIN as u32);
    control_of(epoll.as_raw_fd(), op, its, bits, BREAK)?;
    EVENT.store(event.into_raw_fd(), Ordering::Release); // pairs with the Acquires in `break_wait` and `accept_break`
    EPOLL.store(epoll.into_raw_fd(), Ordering::Release); // pairs with the Acquire in `epoll`
    Ok(())
}

fn control(op: i32, fd: i32, events: u32, tag: u64) -> io::Result<()> {
    control_of(epoll(), op, fd, events, tag)
}

fn control_of(epoll: i32, op: i32, fd: i32, events: u32, tag: u64) -> io::Result<()> {
    let mut event = libc::epoll_event { events, u64: tag };
    // SAFETY: the event lives across the call.
    check(unsafe { libc::epoll_ctl(epoll, op, fd, &raw mut event) }).map(|_| ())
}

pub(crate) fn open(fd: i32, tag: u64) -> io::Result<()> {
    let events = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLPRI | libc::EPOLLET;
    control(libc::EPOLL_CTL_ADD, fd, events as u32, tag)
}

pub(crate) fn close(fd: i32) {
    // It can only fail if it is not there.
    let _ = control(libc::EPOLL_CTL_DEL, fd, 0, 0);
}

fn readiness(events: u32) -> Readiness {
    let pairs = [
        (libc::EPOLLIN, Readiness::READ),
        (libc::EPOLLOUT, Readiness::WRITE),
        (libc::EPOLLRDHUP, Readiness::HUP),
        (libc::EPOLLHUP | libc::EPOLLERR, Readiness::HUP.and(Readiness::WRITE)),
        (libc::EPOLLPRI, Readiness::URGENT.and(Readiness::READ)),
    ];
    let said = pairs.into_iter().filter(|&(bits, _)| events & bits as u32 != 0);
    said.fold(Readiness(0), |all, (_, one)| all.and(one))
}

pub(crate) fn wait(patience: Patience, mut each: impl FnMut(u64, Readiness)) {
    let mut events = [const { libc::epoll_event { events: 0, u64: 0 } }; BATCH];
    // A failed call (EINTR) brought nothing: the caller looks again.
    let count = ask(&mut events, patience).unwrap_or(0);
    for event in &events[..count] {
        let (tag, bits) = (event.u64, event.events);
        if tag != BREAK {
            each(tag, readiness(bits));
        }
    }
}

/// How many events there are.
fn ask(events: &mut [libc::epoll_event; BATCH], patience: Patience) -> io::Result<usize> {
    let left = match patience {
        Patience::None => Some(0),
        Patience::Until(u64::MAX) => None,
        Patience::Until(when) => Some(when.saturating_sub(nanotime())),
    };
    // Relaxed: both calls will do.
    if left.is_some_and(|left| left > 0) && GRAIN.load(Ordering::Relaxed) == NANOSECONDS {
        let answer = ask_nanoseconds(events, left.unwrap_or(0));
        match &answer {
            // Missing, or refused by who filters calls, and has other words for it.
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {}
            _ => return answer,
        }
        GRAIN.store(MILLISECONDS, Ordering::Relaxed); // Relaxed: as above
    }
    let timeout =
        left.map_or(-1, |left| i32::try_from(left.div_ceil(1_000_000)).unwrap_or(i32::MAX));
    let room = events.len() as i32;
    // SAFETY: there is that much room.
    let count = unsafe { libc::epoll_wait(epoll(), events.as_mut_ptr(), room, timeout) };
    check(count).map(|count| count as usize)
}

fn ask_nanoseconds(events: &mut [libc::epoll_event; BATCH], left: u64) -> io::Result<usize> {
    let second = 1_000_000_000;
    let time = libc::timespec {
        tv_sec: (left / second) as libc::time_t,
        tv_nsec: (left % second) as libc::c_long,
    };
    let (to, room) = (events.as_mut_ptr(), events.len());
    let no_mask = core::ptr::null::<libc::sigset_t>();
    // SAFETY: there is that much room; the time lives across the call; no mask.
    let count = unsafe {
        libc::syscall(libc::SYS_epoll_pwait2, epoll(), to, room, &raw const time, no_mask, 0_usize)
    };
    if count < 0 { Err(io::Error::last_os_error()) } else { Ok(count as usize) }
}

pub(crate) fn break_wait() {
    let one = 1_u64;
    let event = EVENT.load(Ordering::Acquire); // pairs with the Release in `start`
    // SAFETY: eight bytes of a number. It cannot fail: nobody breaks so often.
    unsafe { libc::write(event, (&raw const one).cast(), size_of::<u64>()) };
}

pub(crate) fn accept_break() {
    let mut one = 0_u64;
    let event = EVENT.load(Ordering::Acquire); // pairs with the Release in `start`
    // SAFETY: room for a number. It does not block.
    unsafe { libc::read(event, (&raw mut one).cast(), size_of::<u64>()) };
}
