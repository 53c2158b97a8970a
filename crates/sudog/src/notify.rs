//! Lines of tickets: who waits to be notified, in the order in which they announced it.
//!
//! | step | under the line's lock? |
//! |---|---|
//! | [`wait`]: take a ticket, which is a place in the line | yes |
//! | give up whatever guards the condition | no |
//! | go to sleep, unless the ticket was called already | yes |
//! | [`Notify::one`], [`Notify::all`]: call the oldest ticket, or all | yes, but for the look whether there is any |
//!
//! Between ticket and sleep a waiter is awake and cannot be readied. Its node says so: whoever calls its
//! ticket meanwhile takes it out of the line, and the waiter, which looks before it sleeps, finds it
//! gone. So one that joined before a call is called, asleep or not, and nobody who joined later can take
//! its place (SEMANTICS O3). A waiter whose deadline comes leaves the line, so no call is lost on it.
//!
//! Named invariants:
//! 1. *Asleep Or Told*: `stage` is written by the waiter and read by the caller under the lock only. A
//!    node taken at `Awake` is not touched again: its waiter finds it out of the line. One taken at
//!    `Asleep` is readied.
//! 2. *Leaves Before It Dies*: a node is out of the line before `Joined` is gone.
//!
//! # Examples
//!
//! ```
//! use gaggle_gopark::{self as gopark, WaitReason};
//! use gaggle_sudog::notify::Notify;
//! use std::sync::atomic::{AtomicBool, Ordering};
//!
//! static LINE: Notify = Notify::new();
//! static JOINED: AtomicBool = AtomicBool::new(false);
//! let waiter = std::thread::spawn(|| {
//!     gaggle_sudog::notify::wait(&LINE, WaitReason::CondWait, None, || {
//!         JOINED.store(true, Ordering::Release);
//!     })
//! });
//! while !JOINED.load(Ordering::Acquire) {
//!     std::thread::yield_now();
//! }
//! LINE.one();
//! waiter.join().unwrap();
//! ```

use crate::node::{Outcome, Sudog};
use crate::waitq::WaitQ;
use core::cell::Cell;
use core::fmt;
use core::ptr::NonNull;
use gaggle_gopark::{self as gopark, Commit, GQueue, Section, WaitReason, Wake};
use gaggle_lock::{Mutex, MutexGuard, Rank};
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};

/// Whether a waiter can be readied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Awake,
    Asleep,
}

/// A line of waiters to be notified.
pub struct Notify {
    // Written under the lock; read without it by callers that look whether anybody is there.
    waiting: AtomicU32,
    line: Mutex<WaitQ>,
}

impl Default for Notify {
    fn default() -> Self {
        Self::new()
    }
}

impl Notify {
    /// An empty line.
    #[cfg(not(loom))] // loom's primitives have no const constructors
    pub const fn new() -> Self {
        Self { waiting: AtomicU32::new(0), line: Mutex::new(Rank::Notify, WaitQ::new()) }
    }

    /// An empty line.
    #[cfg(loom)] // loom's primitives have no const constructors
    pub fn new() -> Self {
        Self { waiting: AtomicU32::new(0), line: Mutex::new(Rank::Notify, WaitQ::new()) }
    }

    /// How many wait at this instant.
    pub fn waiting(&self) -> u32 {
        // Relaxed: who must be seen joined before the caller got the lock that guards what they wait
        // for, and that lock orders it. To others it is a hint.
        self.waiting.load(Ordering::Relaxed)
    }

    /// Calls the oldest ticket, if there is one.
    #[inline]
    pub fn one(&self) {
        if self.waiting() != 0 {
            self.call(1);
        }
    }

    /// Calls all tickets taken so far.
    #[inline]
    pub fn all(&self) {
        if self.waiting() != 0 {
            self.call(usize::MAX);
        }
    }

    #[cold]
    #[inline(never)]
    fn call(&self, most: usize) {
        let (mut section, mut asleep) = (gopark::enter(), GQueue::new());
        let mut line = self.line.lock();
        for _ in 0..most {
            let Some(waiter) = line.dequeue() else { break };
            let stage = waiter.slot().cast_const().cast::<Cell<Stage>>();
            // SAFETY: the slot is the stage of a waiter that is in `Joined` until it has looked at its
            // node under this lock, or was readied below (Asleep Or Told).
            let stage = unsafe { (*stage).get() };
            let g = waiter.finish(Outcome::Done);
            if stage == Stage::Asleep {
                asleep.push_back(g);
            }
        }
        self.count(&line);
        drop(line);
        while let Some(g) = asleep.pop_front() {
            section.ready(g);
        }
    }

    fn count(&self, line: &MutexGuard<'_, WaitQ>) {
        // Relaxed: see `waiting`.
        self.waiting.store(line.len() as u32, Ordering::Relaxed);
    }
}

/// Takes a ticket, calls `release`, and waits until the ticket is called, or until the monotonic
/// nanosecond `deadline`. `release` runs outside any section; nothing is held meanwhile.
pub fn wait(
    notify: &Notify,
    reason: WaitReason,
    deadline: Option<u64>,
    release: impl FnOnce(),
) -> Wake {
    let stage = Cell::new(Stage::Awake);
    let slot = (&raw const stage).cast_mut().cast::<()>();
    let node = Sudog::about(gopark::current(), slot, core::ptr::from_ref(notify).addr());
    let joined = Joined::new(notify, &node, &stage);
    release();
    joined.wait(reason, deadline)
}

/// A node in the line, and the duty to take it out.
struct Joined<'a> {
    notify: &'a Notify,
    node: &'a Sudog,
    stage: &'a Cell<Stage>,
}

impl<'a> Joined<'a> {
    fn new(notify: &'a Notify, node: &'a Sudog, stage: &'a Cell<Stage>) -> Self {
        let _section = gopark::enter();
        let mut line = notify.line.lock();
        // SAFETY: Leaves Before It Dies.
        unsafe { line.enqueue(NonNull::from(node)) };
        notify.count(&line);
        Self { notify, node, stage }
    }

    /// Takes the node out, if it still stands in the line.
    fn leave(&self, _: &Section) {
        let mut line = self.notify.line.lock();
        // SAFETY: it is in this line or in none, and we hold its lock.
        unsafe { line.remove(NonNull::from(self.node)) };
        self.notify.count(&line);
    }

    fn wait(self, reason: WaitReason, deadline: Option<u64>) -> Wake {
        let timed = deadline.is_some();
        let mut section = if timed { gopark::enter_timed() } else { gopark::enter() };
        let line = self.notify.line.lock();
        let mut wake = Wake::Woken;
        if self.node.outcome() == Outcome::Pending {
            self.stage.set(Stage::Asleep);
            wake = self.sleep(&mut section, reason, line, deadline);
        } else {
            drop(line);
        }
        if wake == Wake::TimedOut {
            self.leave(&section);
        }
        core::mem::forget(self); // it is out of the line
        section.leave_at_switch_point();
        wake
    }

    fn sleep(
        &self,
        section: &mut Section,
        reason: WaitReason,
        line: MutexGuard<'_, WaitQ>,
        deadline: Option<u64>,
    ) -> Wake {
        let Some(deadline) = deadline else {
            section.park(reason, Commit::unlock(line));
            return Wake::Woken;
        };
        let ticket = section.current().wait().open();
        self.node.contest(ticket);
        section.park_until(reason, Commit::unlock(line), ticket, deadline)
    }
}

impl Drop for Joined<'_> {
    /// `release` unwound.
    fn drop(&mut self) {
        self.leave(&gopark::enter());
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notify").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}
