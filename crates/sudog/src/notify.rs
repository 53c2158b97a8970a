//! Lines of tickets: who waits to be notified, in the order in which they announced it.
//!
//! | step | under the line's lock? |
//! |---|---|
//! | [`wait`]: take a ticket, which is a place in the line | yes |
//! | give up whatever guards the condition | no; yes if it is a lock that nobody waits for, and then all is one hold |
//! | go to sleep, unless the ticket was called already | yes |
//! | [`Notify::one`], [`Notify::all`]: call the oldest ticket, or all | yes, but for the look whether there is any |
//!
//! Between ticket and sleep a waiter is awake and cannot be readied. Its node says so: whoever calls its
//! ticket meanwhile takes it out of the line, and the waiter, which looks before it sleeps, finds it
//! gone. So one that joined before a call is called, asleep or not, and nobody who joined later can take
//! its place (SEMANTICS O3). A waiter whose deadline comes leaves the line, so no call is lost on it.
//!
//! A thread that is called while the lock it needs next is held would be woken to sleep again. So it may
//! say which lock that is ([`Lock`]), and whoever calls it then puts it into the line of that lock instead.
//! A goroutine does not: it runs when its caller waits, with the lock given back.
//!
//! Named invariants:
//! 1. *Asleep Or Told*: `stage` is written by the waiter and read by the caller under the lock only. A
//!    node taken at `Awake` is not touched again: its waiter finds it out of the line. One taken at
//!    `Asleep` is readied, or `Moved` into a line whose releaser readies it.
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
//!     gaggle_sudog::notify::wait(&LINE, WaitReason::CondWait, None, None, || {
//!         JOINED.store(true, Ordering::Release);
//!     })
//! });
//! while !JOINED.load(Ordering::Acquire) {
//!     std::thread::yield_now();
//! }
//! LINE.one();
//! waiter.join().unwrap();
//! ```

use crate::node::{Outcome, Sudog, Waiter};
use crate::sema::{self, Node};
use crate::waitq::WaitQ;
use core::cell::Cell;
use core::fmt;
use gaggle_gopark::{self as gopark, Commit, GQueue, SeatKind, Section, WaitReason, Wake};
use gaggle_lock::{Mutex, MutexGuard, Rank, nanotime};
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};

/// Whether a waiter can be readied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Awake,
    Asleep,
    /// In the line of its lock, since this monotonic nanosecond.
    Moved(u64),
}

/// A lock that hands tokens of a semaphore to those who wait for it.
pub trait Lock {
    /// If somebody holds it: counts one more who waits, for whom a token is released in turn; true if so.
    fn count_in(&self) -> bool;

    /// Gives it back if nobody waits for it and that takes no more than one change of its word; true if so. The
    /// caller holds it. Inside a section, under the line's lock.
    fn give_back(&self) -> bool;

    /// The semaphore.
    fn word(&self) -> &AtomicU32;
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The ticket was called.
    Called,
    /// The deadline came first.
    TimedOut,
    /// The ticket was called at this monotonic nanosecond, while the lock was held; the caller now has a
    /// token of it.
    WithToken(u64),
}

/// What a caller must know of a waiter; on the waiter's stack.
struct Call<'a> {
    stage: Cell<Stage>,
    // Where it may be moved to, once it sleeps.
    lock: Cell<Option<&'a dyn Lock>>,
}

impl<'a> Call<'a> {
    /// # Safety
    ///
    /// The waiter was taken out of a [`Notify`]'s line, and its wait is not over yet.
    unsafe fn of(waiter: &Waiter) -> &'a Self {
        // SAFETY: the slot is the call of a waiter that is in `Joined` until it has looked at its node
        // under the line's lock, or was readied (Asleep Or Told).
        unsafe { &*waiter.slot().cast_const().cast::<Self>() }
    }
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
        let mut moving = WaitQ::new();
        let mut line = self.line.lock();
        for _ in 0..most {
            let Some(waiter) = line.dequeue() else { break };
            // SAFETY: it was in this line, whose lock we hold.
            let call = unsafe { Call::of(&waiter) };
            match call.stage.get() {
                // SAFETY: Asleep Or Told: it sleeps until it is readied, below.
                Stage::Asleep if call.lock.get().is_some() => unsafe {
                    moving.enqueue(waiter.into_node());
                },
                Stage::Asleep => asleep.push_back(waiter.finish(Outcome::Done)),
                _ => drop(waiter.finish(Outcome::Done)),
            }
        }
        self.count(&line);
        drop(line);
        section.ready_all(&mut asleep);
        while let Some(waiter) = moving.dequeue() {
            move_or_ready(&mut section, waiter);
        }
    }

    fn count(&self, line: &MutexGuard<'_, WaitQ>) {
        // Relaxed: see `waiting`.
        self.waiting.store(line.len() as u32, Ordering::Relaxed);
    }
}

/// Puts a waiter that was called into the line of its lock, if somebody holds that.
fn move_or_ready(section: &mut Section, waiter: Waiter) {
    // SAFETY: it sleeps until it is readied, by us or by a releaser of its lock.
    let call = unsafe { Call::of(&waiter) };
    match call.lock.get().filter(|lock| lock.count_in()) {
        None => section.ready(waiter.finish(Outcome::Done)),
        Some(lock) => {
            call.stage.set(Stage::Moved(nanotime()));
            // SAFETY: the node was made for this word by `wait`, and is not contested: `sleep` names the
            // lock only without a deadline.
            unsafe { sema::stand_in(section, lock.word(), waiter) };
        }
    }
}

/// Takes a ticket, calls `release`, and waits until the ticket is called, or until the monotonic
/// nanosecond `deadline`. `release` runs outside any section; nothing is held meanwhile. `lock` is what the
/// caller needs next, and what `release` would give back; it stays in place meanwhile. If nobody else waits for it
/// and there is no deadline, it is given back in between, and `release` is not called.
pub fn wait(
    notify: &Notify,
    reason: WaitReason,
    deadline: Option<u64>,
    lock: Option<&dyn Lock>,
    release: impl FnOnce(),
) -> Ended {
    let call = Call { stage: Cell::new(Stage::Awake), lock: Cell::new(None) };
    let slot = (&raw const call).cast_mut().cast::<()>();
    let sudog = Sudog::about(gopark::current(), slot, core::ptr::from_ref(notify).addr());
    let word = lock.map_or(0, |lock| core::ptr::from_ref(lock.word()).addr());
    let node = Node::with(sudog, word);
    let joined = Joined { notify, node: &node, call: &call };
    if joined.join(reason, lock.filter(|_| deadline.is_none())) {
        return joined.ended(Wake::Woken);
    }
    release();
    joined.wait(reason, deadline, lock)
}

/// A node in the line, and the duty to take it out.
struct Joined<'a> {
    notify: &'a Notify,
    node: &'a Node,
    call: &'a Call<'a>,
}

impl<'a> Joined<'a> {
    /// Takes a place in the line. If `lock` can be given back at once, there is nothing to do before the sleep: the
    /// line's lock is kept until then. True after that sleep.
    fn join(&self, reason: WaitReason, lock: Option<&'a dyn Lock>) -> bool {
        let mut section = gopark::enter();
        let mut line = self.notify.line.lock();
        // SAFETY: Leaves Before It Dies.
        unsafe { line.enqueue(self.node.as_sudog()) };
        self.notify.count(&line);
        if !lock.is_some_and(|lock| lock.give_back()) {
            return false;
        }
        self.call.stage.set(Stage::Asleep);
        let _woken = self.sleep(&mut section, reason, line, None, lock);
        section.leave_at_switch_point();
        true
    }

    /// Takes the node out, if it still stands in the line.
    fn leave(&self, _: &Section) {
        let mut line = self.notify.line.lock();
        // SAFETY: it is in this line or in none, and we hold its lock.
        unsafe { line.remove(self.node.as_sudog()) };
        self.notify.count(&line);
    }

    fn wait(self, reason: WaitReason, deadline: Option<u64>, lock: Option<&'a dyn Lock>) -> Ended {
        let timed = deadline.is_some();
        let mut section = if timed { gopark::enter_timed() } else { gopark::enter() };
        let line = self.notify.line.lock();
        let mut wake = Wake::Woken;
        if self.node.sudog.outcome() == Outcome::Pending {
            self.call.stage.set(Stage::Asleep);
            wake = self.sleep(&mut section, reason, line, deadline, lock);
        } else {
            drop(line);
        }
        if wake == Wake::TimedOut {
            self.leave(&section);
        }
        section.leave_at_switch_point();
        self.ended(wake)
    }

    /// It is out of the line.
    fn ended(self, wake: Wake) -> Ended {
        let stage = self.call.stage.get();
        core::mem::forget(self);
        match (wake, stage) {
            (Wake::TimedOut, _) => Ended::TimedOut,
            (_, Stage::Moved(at)) => Ended::WithToken(at),
            _ => Ended::Called,
        }
    }

    fn sleep(
        &self,
        section: &mut Section,
        reason: WaitReason,
        line: MutexGuard<'_, WaitQ>,
        deadline: Option<u64>,
        lock: Option<&'a dyn Lock>,
    ) -> Wake {
        let Some(deadline) = deadline else {
            if section.seat().kind() == SeatKind::Thread {
                self.call.lock.set(lock);
            }
            section.park(reason, Commit::unlock(line));
            return Wake::Woken;
        };
        let ticket = section.current().wait().open();
        self.node.sudog.contest(ticket);
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
