//! Where a goroutine leaves its result and where one other waits for it.
//!
//! | state | meaning | left by |
//! |---|---|---|
//! | `Running` | no result yet; perhaps somebody waits | `publish` to `Done`, `detach` to `Detached` |
//! | `Done` | the result lies here | the handle, to `Taken` |
//! | `Detached` | nobody will ask | nobody |
//! | `Taken` | the result was handed out | nobody |
//!
//! *One Waiter*: a packet has one handle, which is not cloned, so at most one G or one async task
//! waits. *Outside Sections*: results and wakers that a transition replaces are returned by it and
//! dropped after the section.

use core::fmt;
use core::mem::replace;
use core::task::{Context, Poll, Waker};
use gaggle_gopark::{self as gopark, Commit, GRef, WaitReason, enter};
use gaggle_lock::{Mutex, Rank};
use gaggle_race::Place;

enum State<T> {
    Running(Waiting),
    Done(T),
    Detached,
    Taken,
}

enum Waiting {
    Nobody,
    Goroutine(GRef),
    Task(Waker),
}

pub(crate) struct Packet<T> {
    state: Mutex<State<T>>,
    /// The bubble in which it was made.
    bubble: u32,
    race: Place,
}

impl<T> Packet<T> {
    pub(crate) fn new() -> Self {
        let (bubble, race) = (gopark::bubble(), Place::new());
        Self { state: Mutex::new(Rank::Sema, State::Running(Waiting::Nobody)), bubble, race }
    }

    /// Leaves the result and wakes who waits. Gives it back if nobody will ever ask.
    /// Never switches.
    pub(crate) fn publish(&self, end: T) -> Option<T> {
        self.race.release();
        let mut section = enter();
        let mut state = self.state.lock();
        let waiting = match &*state {
            State::Detached => {
                drop(state);
                drop(section);
                return Some(end);
            }
            _ => replace(&mut *state, State::Done(end)),
        };
        drop(state);
        if let State::Running(Waiting::Goroutine(g)) = waiting {
            section.ready(g);
        }
        drop(section);
        if let State::Running(Waiting::Task(waker)) = waiting {
            waker.wake();
        }
        None
    }

    /// Waits for the result: a switch point. `None` if it was handed out before.
    pub(crate) fn wait(&self) -> Option<T> {
        let mut section = enter();
        // A task that polled the handle before it was joined.
        let mut stale = None;
        let end = loop {
            let mut state = self.state.lock();
            match &mut *state {
                State::Running(waiting) => {
                    let g = Waiting::Goroutine(section.current());
                    if let Waiting::Task(waker) = replace(waiting, g) {
                        stale = Some(waker);
                    }
                    section.park(join_reason(self.bubble), Commit::unlock(state));
                }
                _ => break state.take(),
            }
        };
        self.race.acquire();
        section.leave_at_switch_point();
        drop(stale);
        end
    }

    /// The async form of [`wait`](Self::wait). Never switches.
    pub(crate) fn poll(&self, context: &Context<'_>) -> Poll<Option<T>> {
        let waker = context.waker().clone();
        let section = enter();
        let mut state = self.state.lock();
        let (answer, unused) = match &mut *state {
            State::Running(waiting) => (Poll::Pending, replace(waiting, Waiting::Task(waker))),
            _ => (Poll::Ready(state.take()), Waiting::Task(waker)),
        };
        drop(state);
        drop(section);
        drop(unused);
        if answer.is_ready() {
            self.race.acquire();
        }
        answer
    }

    /// The handle goes. The result, if it is there and nobody took it.
    pub(crate) fn detach(&self) -> Option<T> {
        let section = enter();
        let mut state = self.state.lock();
        let old = replace(&mut *state, State::Detached);
        drop(state);
        drop(section);
        match old {
            State::Done(end) => Some(end),
            _ => None,
        }
    }

    /// True once the result was left here. Never switches.
    pub(crate) fn is_finished(&self) -> bool {
        let _section = enter();
        !matches!(*self.state.lock(), State::Running(_))
    }
}

/// What one waits for who joins goroutines that were started in `bubble`: they end inside.
pub(crate) fn join_reason(bubble: u32) -> WaitReason {
    let durable = bubble != gopark::NO_BUBBLE && bubble == gopark::bubble();
    if durable { WaitReason::JoinDurable } else { WaitReason::Join }
}

impl<T> State<T> {
    /// Hands the result out, once; the caller saw that it is no longer `Running`.
    fn take(&mut self) -> Option<T> {
        match replace(self, State::Taken) {
            State::Done(end) => Some(end),
            _ => None,
        }
    }
}

impl<T> fmt::Debug for Packet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet").field("finished", &self.is_finished()).finish()
    }
}
