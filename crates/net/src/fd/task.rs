//! A descriptor polled by a future.
//!
//! *Two Ways To Wake*: a waker of `block_on`'s is told by the poller itself, through its task. For any other, a
//! goroutine waits and calls it: user code does not run in the scheduler's sections; and where there is a deadline, which
//! no task keeps. One such watcher per direction; it holds the direction's lock while it waits.

use super::{Fd, InUse, at};
use crate::block_on::task_of;
use core::task::{Context, Poll, Waker};
use gaggle_gopark::{self as gopark, Task};
use gaggle_netpoll::{Mode, NEVER};
use socket2::SockRef;
use std::io::{ErrorKind, Result};
use std::net::Shutdown;
use std::panic::Location;
use std::sync::Arc;

/// Who is to be woken by the watcher of a direction, while there is one.
#[derive(Debug, Default)]
pub(super) enum Watch {
    /// There is none.
    #[default]
    Nobody,
    /// It waits for this one; the last that has asked.
    For(Waker),
}

impl Fd {
    /// Does `call`, or has the task of `cx` woken when it can be done.
    pub(crate) fn poll_io<T>(
        self: &Arc<Self>,
        mode: Mode,
        cx: &Context<'_>,
        mut call: impl FnMut() -> Result<T>,
    ) -> Poll<Result<T>> {
        let mut skip = mode == Mode::Read && self.is_drained() && !self.refuses();
        loop {
            match self.mutex.try_lock(mode) {
                None => return self.watch(mode, cx),
                Some(Err(_)) => return Poll::Ready(Err(self.closed())),
                Some(Ok(())) => {}
            }
            let in_use = InUse { fd: self, lock: Some(mode) };
            self.check_deadline(mode)?;
            let attempt = if skip { Err(ErrorKind::WouldBlock.into()) } else { call() };
            match attempt {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
            let task = task_of(cx.waker()).filter(|_| gaggle_sched::on_goroutine());
            if let Some(task) = task.filter(|_| self.deadline(mode) == NEVER) {
                let ready = self.register()?.listen(mode, task);
                // `listen` has a fence: whoever sets a deadline sees the task, or we see the deadline.
                if !ready && self.deadline(mode) == NEVER {
                    return Poll::Pending;
                }
                skip = false;
                if ready {
                    self.note_used_up(mode);
                    continue;
                }
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
        let waker = Watch::For(cx.waker().clone());
        let before = core::mem::replace(&mut *self.watches[at(mode)].lock(), waker);
        if matches!(before, Watch::Nobody) {
            let fd = Arc::clone(self);
            let wait = move || {
                if let Ok(_in_use) = fd.lock(mode) {
                    // An error is for who tries the call again.
                    let _ = fd.wait(mode, NEVER);
                }
                let watch = core::mem::take(&mut *fd.watches[at(mode)].lock());
                if let Watch::For(waker) = watch {
                    waker.wake();
                }
            };
            gopark::spawn(Task::new(wait), Location::caller());
        }
        Poll::Pending
    }
}
