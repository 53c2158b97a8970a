//! A descriptor polled by a future.
//!
//! *Two Ways To Wake*: a waker of `block_on`'s is told by the poller itself, through its task. For any other, a
//! goroutine waits and calls it: user code does not run in the scheduler's sections; and where there is a deadline, which
//! no task keeps; and where another task listens already, which gives its place up then. One such watcher per direction; it holds the direction's lock while it waits.
//!
//! *Makes Way*: a watcher lets whoever wants the lock have it. It waits only if nothing can have come without an event since a
//! call would have waited (Used Up Is Not Drained); else the futures are to try again.
//!
//! *No Crowd Stays*: nobody tells when a future gives up, and its waker is kept until something comes. Where there are many
//! all are woken now and then: who still waits comes again.

use super::{Fd, InUse, at};
use crate::accept::is_exhaustion;
use crate::block_on::task_of;
use core::task::{Context, Poll, Waker};
use gaggle_gopark::{self as gopark, Task};
use gaggle_lock::nanotime;
use gaggle_netpoll::{Ended, Mode, NEVER};
use gaggle_prim::full_fence;
use socket2::SockRef;
use std::io::{ErrorKind, Result};
use std::net::Shutdown;
use std::panic::Location;
use std::sync::Arc;

/// As many wakers may stay for as long as nothing comes; more of them [`A_WHILE`].
const CROWD: usize = 64;
/// In nanoseconds.
const A_WHILE: u64 = 10_000_000;

/// Who is to be woken by the watcher of a direction, while there is one.
#[derive(Debug, Default)]
pub(super) enum Watch {
    /// There is none.
    #[default]
    Nobody,
    /// It waits for these, each once.
    For(Crowd),
}

/// Who has come since all were woken.
#[derive(Debug)]
pub(super) struct Crowd {
    wakers: Vec<Waker>,
    since: u64,
}

/// What is to be done now that one has come.
enum Added {
    /// Nothing.
    Joined,
    /// It is the first: a watcher is to be started.
    First,
    /// These are to be woken (No Crowd Stays).
    Crowd(Vec<Waker>),
}

impl Watch {
    fn add(&mut self, waker: &Waker) -> Added {
        match self {
            Watch::Nobody => {
                *self = Watch::For(Crowd { wakers: vec![waker.clone()], since: nanotime() });
                Added::First
            }
            Watch::For(crowd) => crowd.add(waker),
        }
    }
}

impl Crowd {
    fn add(&mut self, waker: &Waker) -> Added {
        if self.wakers.iter().any(|its| its.will_wake(waker)) {
            return Added::Joined;
        }
        let waker = waker.clone();
        let now = nanotime();
        if self.wakers.len() < CROWD || now.saturating_sub(self.since) < A_WHILE {
            self.wakers.push(waker);
            return Added::Joined;
        }
        self.since = now;
        Added::Crowd(core::mem::replace(&mut self.wakers, vec![waker]))
    }
}

fn wake_all(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

impl Fd {
    /// Does `call`, or has the task of `cx` woken when it can be done.
    pub(crate) fn poll_io<T>(
        self: &Arc<Self>,
        mode: Mode,
        cx: &Context<'_>,
        mut call: impl FnMut() -> Result<T>,
    ) -> Poll<Result<T>> {
        loop {
            match self.mutex.try_lock(mode) {
                None => return self.watch(mode, cx),
                Some(Err(_)) => return Poll::Ready(Err(self.closed())),
                Some(Ok(())) => {}
            }
            let in_use = InUse { fd: self, lock: Some(mode) };
            self.check_deadline(mode)?;
            let skip = mode == Mode::Read && self.is_drained() && !self.refuses();
            let attempt = if skip { Err(ErrorKind::WouldBlock.into()) } else { call() };
            match attempt {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
            let task = task_of(cx.waker()).filter(|_| gaggle_sched::on_goroutine());
            let desc = match task.map(|_| self.register()) {
                Some(Err(error)) if is_exhaustion(&error) => None, // a watcher looks again and again
                desc => desc.transpose()?,
            };
            let alone = task.zip(desc).filter(|&(task, desc)| !desc.serves_another(mode, task));
            if let Some((task, desc)) = alone.filter(|_| self.deadline(mode) == NEVER) {
                let ready = desc.listen(mode, task);
                // `listen` has a fence: whoever sets a deadline sees the task, or we see the deadline.
                if !ready && self.deadline(mode) == NEVER {
                    return Poll::Pending;
                }
                if ready {
                    self.note_used_up(mode);
                    continue;
                }
            }
            if !skip {
                self.note_empty(mode);
            }
            drop(in_use);
            return self.watch(mode, cx);
        }
    }

    /// What a read returns that has no room: it waits for nothing, also not for its turn.
    pub(crate) fn nothing(&self) -> Result<usize> {
        self.with(|_| Ok(0))
    }

    /// Ends the direction of writing. That the other side has ended the connection before is as well.
    pub(crate) fn end_writing(&self) -> Result<()> {
        self.with(|fd| match SockRef::from(&fd).shutdown(Shutdown::Write) {
            Err(error) if error.raw_os_error() == Some(libc::ENOTCONN) => Ok(()),
            done => done,
        })
    }

    /// Has a goroutine wait and wake the task of `cx`.
    #[cold]
    fn watch<T>(self: &Arc<Self>, mode: Mode, cx: &Context<'_>) -> Poll<Result<T>> {
        let added = self.watches[at(mode)].lock().add(cx.waker());
        let task = match added {
            Added::Joined => return Poll::Pending,
            Added::Crowd(wakers) => Task::new(move || wake_all(wakers)),
            Added::First => {
                let fd = Arc::clone(self);
                Task::new(move || {
                    fd.wait_for_others(mode);
                    let watch = core::mem::take(&mut *fd.watches[at(mode)].lock());
                    if let Watch::For(crowd) = watch {
                        wake_all(crowd.wakers);
                    }
                })
            }
        };
        gopark::spawn(task, Location::caller());
        Poll::Pending
    }

    /// Waits until the futures are to try again: an error is theirs (Makes Way).
    fn wait_for_others(&self, mode: Mode) {
        if self.mutex.lock(mode, || ()).is_err() {
            return;
        }
        let mut in_use = InUse { fd: self, lock: Some(mode) };
        while self.is_empty(mode) {
            let ended = self.wait_unless(mode, NEVER, || self.mutex.has_waiters(mode));
            if !matches!(ended, Ok(Err(Ended::Asked))) {
                return;
            }
            core::mem::forget(in_use); // the next one is for the same lock
            if self.mutex.give_way(mode).is_err() {
                return;
            }
            in_use = InUse { fd: self, lock: Some(mode) };
        }
    }

    /// Has a watcher make way. Who calls counts as a waiter already.
    pub(super) fn ask_to_make_way(&self, mode: Mode) {
        // In Use Is Open: who only waits for a lock does not see to that. An error says that everybody is woken.
        let Ok(_in_use) = self.enter() else { return };
        if matches!(*self.watches[at(mode)].lock(), Watch::Nobody) {
            return;
        }
        if let Some(desc) = self.desc() {
            desc.nudge(mode);
        }
        full_fence(); // pairs with the one in `own_kick`: Kicked
        self.kick(mode);
    }
}
