//! [`Interrupt`]: a third party ends a wait, in the name of the clock. What a cancellation is made of
//! (docs/decisions/030).
//!
//! | state | meaning | who may leave it |
//! |---|---|---|
//! | `Quiet` | not fired, nobody waits | the waiter, to `Armed`; anybody, to `Fired` |
//! | `Armed` | not fired, this wait may be ended | the waiter, to `Armed` for its next wait; anybody, to `Fired` |
//! | `Fired` | each further wait ends at once | nobody |
//!
//! Invariants:
//! 1. *Armed In The Commit*: a wait is armed after its G is `Waiting` and off its stack, and before the
//!    lock that hides its node is given back, so whoever fires may `ready` the G.
//! 2. *Stale Is Harmless* (see `wait.rs`): the armed ticket may be that of a wait that is over, of a G
//!    that does something else by now; then the claim fails.

use crate::g::GRef;
use crate::park::{Commit, Committed};
use crate::section::{current, enter};
use crate::wait::{Claim, Ticket};
use core::fmt;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::throw;

enum State {
    Quiet,
    Armed(GRef, Ticket),
    Fired,
}

/// Ends, when it is fired, what runs under [`interruptible`] with it: each wait with a deadline ends as
/// if its deadline had come.
///
/// # Examples
///
/// ```
/// use gaggle_gopark::{self as gopark, Commit, Interrupt, WaitReason, Wake};
/// let interrupt = Interrupt::new();
/// interrupt.fire();
/// let wake = gopark::interruptible(&interrupt, || {
///     let mut section = gopark::enter_timed();
///     let ticket = section.current().wait().open();
///     section.park_until(WaitReason::Sleep, Commit::none(), ticket, u64::MAX)
/// });
/// assert_eq!(wake, Wake::TimedOut);
/// ```
pub struct Interrupt(Mutex<State>);

impl Interrupt {
    /// One that has not been fired.
    pub fn new() -> Self {
        Self(Mutex::new(Rank::Leaf, State::Quiet))
    }

    /// Ends the wait that is armed, and all that would be. Never switches.
    pub fn fire(&self) {
        let mut section = enter();
        let before = core::mem::replace(&mut *self.0.lock(), State::Fired);
        if let State::Armed(g, ticket) = before
            && g.wait().claim(ticket, Claim::TimeOut)
        {
            section.ready(g);
        }
    }

    /// True if it has been fired: each wait ends at once from now on.
    pub(crate) fn has_fired(&self) -> bool {
        matches!(*self.0.lock(), State::Fired)
    }

    /// Arms the wait `ticket` of `g`: false if it has been fired. In the commit of that wait only.
    fn arm(&self, g: GRef, ticket: Ticket) -> bool {
        let mut state = self.0.lock();
        if matches!(*state, State::Fired) {
            return false;
        }
        *state = State::Armed(g, ticket);
        true
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupt").finish_non_exhaustive()
    }
}

/// Runs `f`, in which [`fire`](Interrupt::fire) of `interrupt` ends the waits with a deadline of the
/// current G. `f` is an operation of the runtime, not user code.
pub fn interruptible<T>(interrupt: &Interrupt, f: impl FnOnce() -> T) -> T {
    /// Also if `f` panics.
    struct Reset;

    impl Drop for Reset {
        fn drop(&mut self) {
            current().set_interrupt(None);
        }
    }

    current().set_interrupt(Some(interrupt));
    let _reset = Reset;
    f()
}

/// The commit of a wait that an interrupt may end: on the stack of its parker, who leaves the frame when
/// the wait is over.
pub(crate) struct Arming<'a> {
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) g: GRef,
    pub(crate) ticket: Ticket,
    pub(crate) commit: Commit,
}

impl Arming<'_> {
    /// Arms, then does what `commit` does; or, if the interrupt was fired, ends the wait at once.
    pub(crate) fn commit(this: *const Self) -> Commit {
        // SAFETY: `run` reads `this` once, before anybody can end the wait.
        unsafe { Commit::new(Self::run, this.cast()) }
    }

    unsafe fn run(this: *const ()) -> Committed {
        // SAFETY: Commit Is Two Words: the parker's frame lives until the wait is over.
        let Arming { interrupt, g, ticket, commit } = unsafe { this.cast::<Self>().read() };
        let goes_on = if interrupt.arm(g, ticket) {
            Committed::Stay
        } else if g.wait().claim(ticket, Claim::TimeOut) {
            Committed::Ended
        } else {
            Committed::Stay // a partner won and is about to ready the G
        };
        // SAFETY: the G is `Waiting`, on the thread that parked it: our own caller's promise. If the
        // wait is over already, only the words read above are used.
        match unsafe { commit.run() } {
            Committed::Stay => goes_on,
            // It need not wait. Whoever wins the ticket lets the G go on, once.
            Committed::Refuse if g.wait().claim(ticket, Claim::Wake) => Committed::Ended,
            Committed::Refuse => goes_on,
            Committed::Ended => throw!("interrupt: a commit ended a wait that is not its own"),
        }
    }
}
