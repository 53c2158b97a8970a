//! The status of a G: one word, one table, one method per transition.
//!
//! | from | to | by | method |
//! |---|---|---|---|
//! | `Idle`, `Dead` | `Runnable` | who starts it (it took the G off a free list) | `start` |
//! | `Runnable` | `Running` | the M that took it off a run queue | `execute` |
//! | `Running` | `Waiting` | whoever arrives after it left its stack | `park` |
//! | `Running` | `Runnable` | the same, when it only yielded | `yield_now` |
//! | `Running` | `Dead` | the same, when its function has returned | `exit` |
//! | `Waiting` | `Runnable` | who took its node out of a line, or claimed its ticket | `ready` |
//! | `Waiting` | `Running` | its own host: the commit refused, or its own clock came first | `resume` |
//! | `Running` | `Syscall` | the G itself | `enter_syscall` |
//! | `Syscall` | `Running` | the G itself | `exit_syscall` |
//! | `Running` | `Preempted` | the monitor | `preempt` |
//! | `Preempted` | `Running` | whoever grants it a P | `grant` |
//!
//! The low byte is the state; the rest counts transitions.
//!
//! *One Way Out*: in every state exactly one party is entitled to leave it, so a transition is a
//! check and a store, not a read-modify-write. The check is the assertion of that law.
//! *Every Step Counts*: whoever sees the same word twice knows that the G stood still in between,
//! so a dump may read a parked goroutine's stack and find out afterwards whether it was one.
//!
//! Orderings: `ready` and `yield_now` release (the G's memory and its saved registers), `execute`
//! acquires. In fact the run queue's own edge already orders both; the pair here serves hosts
//! that have no queue (an OS thread) and readers of a dump.

use core::fmt;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering, fence};
use gaggle_prim::throw;

/// Where a G stands. The table is at the top of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// Just made; never ran.
    Idle = 0,
    /// On a run queue. Nobody runs its stack.
    Runnable = 1,
    /// An M runs it and owns its stack.
    Running = 2,
    /// Runs on its thread, in a blocking call.
    Syscall = 3,
    /// In somebody's line; on no run queue. Nobody runs its stack.
    Waiting = 4,
    /// Its function returned; on a free list, or on its way there.
    Dead = 6,
    /// Stopped in the middle; its thread still owns its stack.
    Preempted = 9,
}

impl Status {
    /// The word that dumps show (SEMANTICS AA2).
    pub const fn text(self) -> &'static str {
        match self {
            Status::Idle => "idle",
            Status::Runnable => "runnable",
            Status::Running => "running",
            Status::Syscall => "syscall",
            Status::Waiting => "waiting",
            Status::Dead => "dead",
            Status::Preempted => "preempted",
        }
    }

    fn of_word(word: u32) -> Status {
        match word & STATE {
            0 => Status::Idle,
            1 => Status::Runnable,
            2 => Status::Running,
            3 => Status::Syscall,
            4 => Status::Waiting,
            6 => Status::Dead,
            9 => Status::Preempted,
            _ => throw!("bad g status {word:#x}"),
        }
    }
}

/// The part of the word that is the state, and one transition.
const STATE: u32 = 0xff;
const STEP: u32 = 0x100;

/// The status word of one G.
pub struct StatusWord(AtomicU32);

/// A status and the transition that led to it. See [`StatusWord::look`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusLook(u32);

impl StatusLook {
    /// The state that was seen.
    pub fn status(self) -> Status {
        Status::of_word(self.0)
    }
}

macro_rules! transitions {
    ($($(#[$doc:meta])* $name:ident: $($from:ident)|+ => $to:ident;)*) => {
        impl StatusWord {
            $($(#[$doc])*
            #[inline]
            pub fn $name(&self) {
                self.step(&[$(Status::$from),+], Status::$to);
            })*
        }
    };
}

transitions! {
    /// A fresh or reused G gets a function to run.
    start: Idle | Dead => Runnable;
    /// An M begins to run it.
    execute: Runnable => Running;
    /// It left its stack to wait.
    park: Running => Waiting;
    /// It left its stack and wants to go on.
    yield_now: Running => Runnable;
    /// Its function returned.
    exit: Running => Dead;
    /// Its wait is over.
    ready: Waiting => Runnable;
    /// Its own host takes the wait back.
    resume: Waiting => Running;
    /// It enters a blocking call.
    enter_syscall: Running => Syscall;
    /// It returned from a blocking call and has a P.
    exit_syscall: Syscall => Running;
    /// The monitor stopped it in the middle.
    preempt: Running => Preempted;
    /// It was granted a P again.
    grant: Preempted => Running;
}

impl StatusWord {
    /// A word in state `status`.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new(status: Status) -> Self {
        Self(AtomicU32::new(status as u32))
    }

    /// A word in state `status`.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub fn new(status: Status) -> Self {
        Self(AtomicU32::new(status as u32))
    }

    /// The state at this instant; stale at once unless One Way Out makes it ours.
    #[inline]
    pub fn get(&self) -> Status {
        // Acquire: pairs with the Release in `step`, for readers of a dump.
        Status::of_word(self.0.load(Ordering::Acquire))
    }

    /// The state at this instant, to ask [`stood_still`](Self::stood_still) about later.
    pub fn look(&self) -> StatusLook {
        // Acquire: pairs with the Release in `step`: what the G left behind is seen.
        StatusLook(self.0.load(Ordering::Acquire))
    }

    /// True if there was no transition since that look (Every Step Counts), so that what was read
    /// meanwhile of the stack of a G that was `Waiting` is what it left there.
    pub fn stood_still(&self, look: StatusLook) -> bool {
        // Acquire fence: what was read before stays before this look. Whoever writes to the stack has
        // acquired the word as `execute` made it, so a write that was read has that step before it.
        fence(Ordering::Acquire);
        // Relaxed: ordered by the fence.
        self.0.load(Ordering::Relaxed) == look.0
    }

    #[inline]
    fn step(&self, from: &[Status], to: Status) {
        // Acquire: pairs with the Release below; `execute` sees what the parker left behind.
        let now = self.0.load(Ordering::Acquire);
        if !from.iter().any(|&f| f as u32 == now & STATE) {
            wrong(now, from, to);
        }
        let next = (now & !STATE).wrapping_add(STEP) | to as u32;
        // Release: pairs with the Acquire above and in `get`. A store is enough: One Way Out.
        self.0.store(next, Ordering::Release);
    }
}

#[cold]
#[inline(never)]
fn wrong(now: u32, from: &[Status], to: Status) -> ! {
    throw!("bad g status {:?}: wanted {from:?} to make it {to:?}", Status::of_word(now))
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
