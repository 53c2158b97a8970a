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
//! 2. *Armed Before It Leaves*: the commit uses the parker's frame, and the interrupt that the parker
//!    borrows, until the wait is armed. The clock may end the wait before the commit runs, so who comes back
//!    from it waits for that.
//! 3. *Stale Is Harmless* (see `wait.rs`): the armed ticket may be that of a wait that is over, of a G
//!    that does something else by now; then the claim fails.

use crate::bubble::NO_BUBBLE;
use crate::g::GRef;
use crate::park::{Commit, Committed};
use crate::reason::WaitReason;
use crate::section::{current, enter};
use crate::wait::{Claim, Ticket};
use core::fmt;
use gaggle_lock::{Mutex, Rank};
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_prim::{thread, throw};

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
pub struct Interrupt {
    state: Mutex<State>,
    /// Who may fire it: only members of this bubble; or anybody.
    bubble: u32,
}

impl Interrupt {
    /// One that has not been fired.
    pub fn new() -> Self {
        Self::of(NO_BUBBLE)
    }

    /// One that members of `bubble` alone will fire, or nobody. A wait that anybody may end is not a
    /// durable one.
    pub fn of(bubble: u32) -> Self {
        Self { state: Mutex::new(Rank::Leaf, State::Quiet), bubble }
    }

    /// What `g` waits for if this may end it, too.
    pub(crate) fn weaken(&self, g: GRef, reason: WaitReason) -> WaitReason {
        if g.bubble() == self.bubble { reason } else { reason.from_outside() }
    }

    /// Ends the wait that is armed, and all that would be. Never switches.
    pub fn fire(&self) {
        let mut section = enter();
        let before = core::mem::replace(&mut *self.state.lock(), State::Fired);
        if let State::Armed(g, ticket) = before
            && g.wait().claim(ticket, Claim::TimeOut)
        {
            section.ready(g);
        }
    }

    /// True if it has been fired: each wait ends at once from now on.
    pub(crate) fn has_fired(&self) -> bool {
        matches!(*self.state.lock(), State::Fired)
    }

    /// Arms the wait `ticket` of `g`: false if it has been fired. In the commit of that wait only.
    fn arm(&self, g: GRef, ticket: Ticket) -> bool {
        let mut state = self.state.lock();
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

/// The commit of a wait that an interrupt may end: on the stack of its parker (Armed Before It Leaves).
pub(crate) struct Arming<'a> {
    interrupt: &'a Interrupt,
    g: GRef,
    ticket: Ticket,
    run: unsafe fn(*const ()) -> Committed,
    arg: *const (),
    stage: AtomicU32,
}

const TO_COME: u32 = 0;
const ARMED: u32 = 1;

impl<'a> Arming<'a> {
    pub(crate) fn new(interrupt: &'a Interrupt, g: GRef, ticket: Ticket, commit: Commit) -> Self {
        let (run, arg) = commit.into_parts();
        Self { interrupt, g, ticket, run, arg, stage: AtomicU32::new(TO_COME) }
    }

    /// Arms, then does what the commit does; or, if the interrupt was fired, ends the wait at once.
    pub(crate) fn commit(&self) -> Commit {
        // SAFETY: Armed Before It Leaves: `run` uses `self` until it says that it has armed.
        unsafe { Commit::new(Self::run, core::ptr::from_ref(self).cast()) }
    }

    unsafe fn run(this: *const ()) -> Committed {
        // SAFETY: Commit Is Two Words, Armed Before It Leaves.
        let &Arming { interrupt, g, ticket, run, arg, ref stage } =
            unsafe { &*this.cast::<Self>() };
        // SAFETY: the parts of the commit that was given, which runs once.
        let commit = unsafe { Commit::new(run, arg) };
        let goes_on = if interrupt.arm(g, ticket) {
            Committed::Stay
        } else if g.wait().claim(ticket, Claim::TimeOut) {
            Committed::Ended
        } else {
            Committed::Stay // a partner won and is about to ready the G
        };
        // Release: pairs with the Acquire in `wait_until_armed`. The last use of the parker's frame.
        stage.store(ARMED, Ordering::Release);
        // SAFETY: the G is `Waiting`, or its wait is over already, on the thread that parked it: our own
        // caller's promise.
        match unsafe { commit.run() } {
            Committed::Stay => goes_on,
            // It need not wait. Whoever wins the ticket lets the G go on, once.
            Committed::Refuse if g.wait().claim(ticket, Claim::Wake) => Committed::Ended,
            Committed::Refuse => goes_on,
            Committed::Ended => throw!("interrupt: a commit ended a wait that is not its own"),
        }
    }

    /// The parker is back, and may leave its frame after this. It waits only if the clock was faster than a
    /// commit that is about to run.
    pub(crate) fn wait_until_armed(&self) {
        // Acquire: pairs with the Release in `run`: what it used was used before.
        while self.stage.load(Ordering::Acquire) == TO_COME {
            thread::yield_now();
        }
    }
}
