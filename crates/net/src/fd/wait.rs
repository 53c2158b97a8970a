//! To wait until a descriptor is ready: a goroutine in the poller, a plain thread by `poll(2)`, which needs
//! no scheduler.
//!
//! *Kicked*: a plain thread waits for a second descriptor, too, one per direction, made when first a thread
//! waits there. Who closes, sets a deadline, or asks who waits to make way, does that before it looks whether there is one; who waits
//! makes it before it looks at those. Each side has a fence between. If there is no descriptor to be had, who waits looks
//! again every few milliseconds instead; so does a goroutine if there is none for the poller.

use super::{Fd, Kind, at};
use crate::accept::is_exhaustion;
use crate::err::NetError;
use core::sync::atomic::Ordering;
use core::time::Duration;
use gaggle_lock::nanotime;
use gaggle_netpoll::{Desc, Ended, Mode, NEVER};
use gaggle_prim::full_fence;
use std::io::{self, Result};
use std::os::fd::RawFd;
use std::time::Instant;

/// The monotonic nanosecond of an instant, which is one of the clock that the caller has (`gaggle_time::now`): it is as far
/// away by the kernel's, which goes on while somebody waits for a descriptor (Go: `time.Until`).
pub(crate) fn nanosecond(when: Instant) -> u64 {
    end_of(gaggle_time::until(when))
}

/// The monotonic nanosecond at which `time` will have passed. Far away is never.
pub(crate) fn end_of(time: Duration) -> u64 {
    let time = u64::try_from(time.as_nanos()).unwrap_or(NEVER);
    nanotime().saturating_add(time)
}

/// No number: nobody interrupts.
const NO_KICK: RawFd = -1;
/// Until one who has no room is asked again, and one who has an error that stays.
const CROWDED: Duration = Duration::from_millis(1);
/// How long is waited for a descriptor without anybody to interrupt.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

impl Fd {
    /// When an operation that begins now has to end, if it waits.
    pub(crate) fn until(&self, mode: Mode) -> u64 {
        self.timeout(mode).map_or(NEVER, end_of)
    }

    /// An error if the deadline of this direction has come, whether there is data or not (U3).
    #[inline]
    pub(crate) fn check_deadline(&self, mode: Mode) -> Result<()> {
        match self.deadline(mode) {
            NEVER => Ok(()),
            deadline if deadline > nanotime() => Ok(()),
            _ => Err(NetError::Timeout.into()),
        }
    }

    /// Waits until it is ready, at most until `until`. While it is in use, and locked for this
    /// direction. A switch point.
    pub(crate) fn wait(&self, mode: Mode, until: u64) -> Result<()> {
        self.wait_unless(mode, until, || false)?.map_err(|ended| match ended {
            Ended::Closing => self.closed(),
            Ended::Timeout | Ended::Asked => NetError::Timeout.into(),
        })
    }

    /// As [`wait`](Self::wait), unless it is `asked` to make way. A switch point.
    #[inline]
    pub(super) fn wait_unless(
        &self,
        mode: Mode,
        until: u64,
        asked: impl Fn() -> bool,
    ) -> Result<core::result::Result<(), Ended>> {
        let ended = if gaggle_sched::on_goroutine() {
            match self.register() {
                Ok(desc) => desc.wait_unless(mode, until, asked),
                Err(error) if is_exhaustion(&error) => self.wait_crowded(mode, until, asked)?,
                Err(error) => return Err(error),
            }
        } else {
            self.wait_on_thread(mode, until, asked)?
        };
        if ended.is_ok() {
            self.note_used_up(mode);
        }
        Ok(ended)
    }

    /// Waits until it is ready though the poller has no room for it: looks again and again, for that, too.
    #[cold]
    fn wait_crowded(
        &self,
        mode: Mode,
        until: u64,
        asked: impl Fn() -> bool,
    ) -> Result<core::result::Result<(), Ended>> {
        while !self.is_ready(mode)? {
            gaggle_time::sleep(LOOK_AGAIN);
            if let Ok(desc) = self.register() {
                return Ok(desc.wait_unless(mode, until, asked));
            }
            if let Some(ended) = self.ended(self.deadline(mode).min(until), &asked) {
                return Ok(Err(ended));
            }
        }
        Ok(Ok(()))
    }

    /// Why a wait without the poller is over, if it is.
    fn ended(&self, deadline: u64, asked: &impl Fn() -> bool) -> Option<Ended> {
        if self.mutex.is_closed() {
            return Some(Ended::Closing);
        }
        if deadline != NEVER && deadline <= nanotime() {
            return Some(Ended::Timeout);
        }
        asked().then_some(Ended::Asked)
    }

    /// Lets some time pass, for want of anybody who says when it is worth while to try again. While it is in use. A switch
    /// point.
    #[cold]
    pub(crate) fn pause(&self, mode: Mode, until: u64) -> Result<()> {
        gaggle_time::sleep(CROWDED);
        if self.mutex.is_closed() {
            return Err(self.closed());
        }
        if until <= nanotime() {
            return Err(NetError::Timeout.into());
        }
        self.check_deadline(mode)
    }

    /// The deadline of one direction.
    pub(crate) fn deadline(&self, mode: Mode) -> u64 {
        self.desc().map_or(NEVER, |desc| desc.deadline(mode))
    }

    /// An error if deadlines cannot be set. From now on they can.
    pub(crate) fn takes_deadlines(&self) -> Result<()> {
        let _in_use = self.enter()?;
        self.place_of_deadlines().map(drop)
    }

    /// Where its deadlines are kept. While it is in use.
    fn place_of_deadlines(&self) -> Result<&'static Desc> {
        self.is_pollable()?;
        self.register().map_err(|error| self.no_deadline(error))
    }

    fn is_pollable(&self) -> Result<()> {
        if self.kind == Kind::Blocking { Err(NetError::NoDeadline.into()) } else { Ok(()) }
    }

    /// Sets the deadline of one direction, for who waits already, too; nothing of that while a context that has ended
    /// goes before it (`ctx.rs`, Last One Lifts).
    pub(crate) fn set_deadline(&self, mode: Mode, deadline: u64) -> Result<()> {
        let expired = self.expired.lock();
        if *expired > 0 {
            let _in_use = self.enter()?;
            return self.is_pollable();
        }
        self.put_deadline(mode, deadline)
    }

    /// As [`set_deadline`](Self::set_deadline), whatever contexts have ended. Under the lock of their count.
    pub(crate) fn put_deadline(&self, mode: Mode, deadline: u64) -> Result<()> {
        let _in_use = self.enter()?;
        self.is_pollable()?;
        if deadline == NEVER && self.desc().is_none() {
            return Ok(());
        }
        self.place_of_deadlines()?.set_deadline(mode, deadline);
        full_fence(); // pairs with the one in `wait_on_thread`: Kicked
        self.kick(mode);
        Ok(())
    }

    fn no_deadline(&self, error: io::Error) -> io::Error {
        if error.raw_os_error() == Some(libc::EPERM) { NetError::NoDeadline.into() } else { error }
    }

    /// Makes a plain thread that waits in this direction look again.
    pub(super) fn kick(&self, mode: Mode) {
        // Acquire: pairs with the Release in `own_kick`: the descriptor is made. Who must see it: Kicked.
        let kick = self.kicks[at(mode)].load(Ordering::Acquire);
        if kick >= 0 {
            let one = 1_u64;
            // SAFETY: eight bytes of a number; ours, and open while it is in use.
            unsafe { libc::write(kick, (&raw const one).cast(), size_of::<u64>()) };
        }
    }

    /// What interrupts us. Only one waits in a direction.
    fn own_kick(&self, mode: Mode) -> Result<RawFd> {
        let place = &self.kicks[at(mode)];
        let kick = place.load(Ordering::Relaxed); // Relaxed: the lock of the direction orders it
        if kick >= 0 {
            return Ok(kick);
        }
        // SAFETY: no pointers.
        let kick = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if kick < 0 {
            let error = io::Error::last_os_error();
            return if is_exhaustion(&error) { Ok(NO_KICK) } else { Err(error) };
        }
        place.store(kick, Ordering::Release); // pairs with the Acquire in `kick`; and the fence below
        full_fence(); // pairs with those after `set_deadline` and `close`: Kicked
        Ok(kick)
    }

    fn wait_on_thread(
        &self,
        mode: Mode,
        until: u64,
        asked: impl Fn() -> bool,
    ) -> Result<core::result::Result<(), Ended>> {
        loop {
            let kick = self.own_kick(mode)?;
            let mut count = 0_u64;
            // SAFETY: room for a number; it does not block. What was kicked before is seen below.
            unsafe { libc::read(kick, (&raw mut count).cast(), size_of::<u64>()) };
            let deadline = self.deadline(mode).min(until);
            if let Some(ended) = self.ended(deadline, &asked) {
                return Ok(Err(ended));
            }
            let again = if kick == NO_KICK { end_of(LOOK_AGAIN) } else { NEVER };
            match self.poll(mode, kick, deadline.min(again))? {
                0 => {}
                libc::POLLERR => {
                    rest(kick, deadline)?;
                    return Ok(Ok(()));
                }
                _ => return Ok(Ok(())),
            }
        }
    }

    /// A look that does not wait.
    pub(crate) fn is_ready(&self, mode: Mode) -> Result<bool> {
        Ok(self.poll(mode, NO_KICK, 0)? != 0)
    }

    /// Whether it was shut down for reading, asked after a read that would have had to wait. Not where that may be left
    /// to the caller, who does not wait, nor of what the poller would have told.
    pub(crate) fn reading_is_over(&self) -> Result<bool> {
        if self.refuses() || self.desc().is_some_and(gaggle_netpoll::Desc::tells_all) {
            return Ok(false);
        }
        Ok(poll([(self.raw(), libc::POLLRDHUP), (NO_KICK, 0)], 0)? & libc::POLLRDHUP != 0)
    }

    /// What `poll(2)` says of it; nothing if the time has come, or if it was kicked.
    fn poll(&self, mode: Mode, kick: RawFd, deadline: u64) -> Result<i16> {
        let events = match mode {
            Mode::Read => libc::POLLIN,
            Mode::Write => libc::POLLOUT,
        };
        poll([(self.raw(), events), (kick, libc::POLLIN)], deadline)
    }
}

/// An error without more to it, after a call that would have waited, may be one that no such call takes, and then it stays:
/// of the queue that `IP_RECVERR` has filled, for one. Who waits tries again, but not all the time.
#[cold]
fn rest(kick: RawFd, deadline: u64) -> Result<()> {
    poll([(NO_KICK, 0), (kick, libc::POLLIN)], deadline.min(end_of(CROWDED))).map(drop)
}

/// What `poll(2)` says of the first of two. A number below zero is none.
fn poll(of: [(RawFd, i16); 2], deadline: u64) -> Result<i16> {
    let mut fds = of.map(|(fd, events)| libc::pollfd { fd, events, revents: 0 });
    let left = Duration::from_nanos(deadline.saturating_sub(nanotime()));
    let time = libc::timespec {
        tv_sec: libc::time_t::try_from(left.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(left.subsec_nanos() as i32),
    };
    let time = if deadline == NEVER { core::ptr::null() } else { &raw const time };
    // SAFETY: two of them; the time lives across the call; no mask.
    let count = unsafe { libc::ppoll(fds.as_mut_ptr(), 2, time, core::ptr::null()) };
    if count < 0 {
        let error = io::Error::last_os_error();
        let again = error.kind() == io::ErrorKind::Interrupted;
        return if again { Ok(0) } else { Err(error) };
    }
    Ok(fds[0].revents)
}
