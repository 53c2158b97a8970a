//! To park: a state, a commit point, a token that is not lost.
//!
//! Laws of parking:
//! 1. *Commit Is Two Words*: a commit is a function and a pointer, by value, never a closure on
//!    the parker's stack: the instant it unlocks, another M may be running that G.
//! 2. *Off The Stack*: the commit runs after the G is `Waiting` and has left its stack, so whoever
//!    finds the node may `ready` the G at once.
//! 3. *`current` Is Never Inlined*, and nothing derived from a thread-local lives across a park:
//!    a G may come back on another thread. A [`Section`] re-reads its seat after every park.
//! 4. *Published Is Gone*: after a waiter's completion is published, nothing of that waiter is
//!    touched; take its [`GRef`](crate::GRef) out first.
//! 5. *No Lock Across A Park*: the commit is the only hand-over of a lock.
//! 6. *Never Dropped*: a parked G is never dropped and never forced to unwind, so its nodes may
//!    live on its stack.

use crate::host::Parking;
use crate::interrupt::{Arming, Interrupt};
use crate::reason::WaitReason;
use crate::section::Section;
use crate::wait::Ticket;
use gaggle_lock::{MutexGuard, RawMutex};

/// What a commit decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a refused commit means the G goes on at once"]
pub enum Committed {
    /// The G stays parked; somebody can find it now.
    Stay,
    /// What it wanted to wait for has happened; it goes on at once.
    Refuse,
    /// The commit has claimed the ticket of the wait itself; the G goes on at once.
    Ended,
}

/// The point of no return of a park.
#[derive(Debug)]
pub struct Commit {
    run: unsafe fn(*const ()) -> Committed,
    arg: *const (),
}

impl Commit {
    /// Nothing to do: only a deadline ends this wait, or nothing does.
    pub const fn none() -> Commit {
        unsafe fn stay(_: *const ()) -> Committed {
            Committed::Stay
        }
        Commit { run: stay, arg: core::ptr::null() }
    }

    /// Unlocks `guard`'s lock: the right travels into the park.
    #[inline]
    pub fn unlock<T: ?Sized>(guard: MutexGuard<'_, T>) -> Commit {
        unsafe fn unlock(raw: *const ()) -> Committed {
            let raw = raw.cast::<RawMutex>();
            // SAFETY: `into_raw` left the lock held and alive: the parker borrows it until woken.
            let raw = unsafe { &*raw };
            // SAFETY: Commit Is Two Words: the guard's right came here, on the same thread.
            unsafe { raw.unlock() };
            Committed::Stay
        }
        let raw: *const RawMutex = guard.into_raw();
        Commit { run: unlock, arg: raw.cast() }
    }

    /// Any function of one pointer.
    ///
    /// # Safety
    ///
    /// `run(arg)` is sound to call once, on the host's stack of the parking thread, after the G
    /// is `Waiting`. It touches nothing of the parker's stack after the act that lets another
    /// thread end the wait.
    pub const unsafe fn new(run: unsafe fn(*const ()) -> Committed, arg: *const ()) -> Commit {
        Commit { run, arg }
    }

    /// Its two words, for a host that keeps them apart; [`new`](Self::new) joins them again, once.
    #[inline]
    pub const fn into_parts(self) -> (unsafe fn(*const ()) -> Committed, *const ()) {
        (self.run, self.arg)
    }

    /// Performs it. For hosts, once, after the G is `Waiting` and off its stack.
    ///
    /// # Safety
    ///
    /// The G this commit was made for is `Waiting`, and this is the thread that parked it.
    #[inline]
    pub unsafe fn run(self) -> Committed {
        // SAFETY: the promise of `new`, and the caller's.
        unsafe { (self.run)(self.arg) }
    }
}

/// How a wait with a deadline ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a wait that timed out has not got what it waited for"]
pub enum Wake {
    /// A partner claimed it.
    Woken,
    /// The clock claimed it.
    TimedOut,
}

impl Section {
    /// Stops the current G. Returns when somebody called [`ready`](Section::ready) for it, or at
    /// once if the commit refused.
    #[inline]
    pub fn park(&mut self, reason: WaitReason, commit: Commit) {
        self.park_with(Parking { reason, commit, deadline: None });
    }

    /// Stops the current G until a partner claims `ticket` and readies it, or until the monotonic
    /// nanosecond `deadline`; `u64::MAX` is never. The section must come from
    /// [`enter_timed`](crate::enter_timed). An [`Interrupt`](crate::Interrupt) ends it as the clock
    /// does.
    #[inline]
    pub fn park_until(
        &mut self,
        reason: WaitReason,
        commit: Commit,
        ticket: Ticket,
        deadline: u64,
    ) -> Wake {
        let deadline = (deadline != u64::MAX).then_some((ticket, deadline));
        let g = self.current();
        // SAFETY: who runs under `interruptible` borrows the interrupt meanwhile.
        match unsafe { g.interrupt().as_ref() } {
            None => self.park_with(Parking { reason, commit, deadline }),
            Some(interrupt) => {
                let reason = interrupt.weaken(g, reason);
                let arming = Arming::new(interrupt, g, ticket, commit);
                self.park_with(Parking { reason, commit: arming.commit(), deadline });
                arming.wait_until_armed();
            }
        }
        if self.current().wait().timed_out(ticket) { Wake::TimedOut } else { Wake::Woken }
    }

    /// True if an [`Interrupt`](crate::Interrupt) ends each wait with a deadline at once: for one who
    /// would begin the next, as the clock did not end the last.
    pub fn is_interrupted(&self) -> bool {
        // SAFETY: who runs under `interruptible` borrows the interrupt meanwhile.
        unsafe { self.current().interrupt().as_ref() }.is_some_and(Interrupt::has_fired)
    }

    #[inline]
    fn park_with(&mut self, parking: Parking) {
        let g = self.current();
        self.assert_outermost();
        g.set_reason(parking.reason);
        (g.host().park)(self, parking);
    }
}
