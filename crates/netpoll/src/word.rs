//! The word of one direction of a descriptor: nothing, ready, somebody is about to wait, a G waits.
//!
//! | state | meaning | who may leave it |
//! |---|---|---|
//! | `NIL` | nothing happened, nobody waits | a notifier, to `READY`; the waiter, to `WAIT` with the next epoch |
//! | `READY` | it happened; the token lies here until it is used | the waiter, to `NIL` |
//! | `WAIT` | somebody is about to wait; who, stands beside the word | the waiter's commit, to `PARKED`; the waiter, to `NIL`; a notifier, to `READY`; an unblocker, to `NIL` |
//! | `PARKED` | the G beside the word waits (Go: the word *is* the G) | a notifier, to `READY`, and an unblocker, to `NIL`: it has the G in hand then; the waiter whose time has come, to `NIL` |
//!
//! | | `NIL` | `READY` | `WAIT` | `PARKED` |
//! |---|---|---|---|---|
//! | [`prepare`](Slot::prepare), [`register`](Slot::register) | to `WAIT` | to `NIL`: need not wait | our bug | our bug; a task is replaced |
//! | [`commit`](Slot::commit) | refuses | refuses | to `PARKED`; of an earlier wait: refuses | refuses: of an earlier wait |
//! | [`take`](Slot::take), ready | to `READY` | stays | to `READY` | to `READY`, hands out who waited |
//! | [`take`](Slot::take), unblock | stays | stays | to `NIL` | to `NIL`, hands out who waited |
//! | [`consume`](Slot::consume), [`leave`](Slot::leave) | stays | consume: to `NIL` | to `NIL` | to `NIL` |
//!
//! Named invariants:
//! 1. *One Waiter*: a direction has one waiter at a time; the lock of whoever owns the descriptor sees
//!    to that (SEMANTICS U2).
//! 2. *Epochs Tell Waits Apart*: the word's upper bits count the waits, and who waits stands beside it,
//!    written while the word is `NIL`. A taker reads who waits, then takes by a CAS with the epoch: if
//!    it succeeds, what was read belongs to that wait, because the next one is written by who has seen
//!    the CAS (Release in `take`, Acquire in `prepare`, `consume` and `leave`).
//! 3. *Commits Carry Their Epoch*: the clock may end a wait before its commit has run, and the waiter
//!    may prepare the next one; the late commit finds another epoch, and refuses.
//! 4. *Taken Is Claimed*: who has taken a G still claims its ticket: the clock may have been faster.

use core::fmt;
use core::ptr::NonNull;
use gaggle_gopark::{G, GRef, Ticket};
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use gaggle_prim::throw;

use crate::task::Task;

const NIL: u64 = 0;
const READY: u64 = 1;
const WAIT: u64 = 2;
const PARKED: u64 = 3;
const STATE: u64 = 3;
/// One wait.
const EPOCH: u64 = 4;

/// Whether a wait was prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "`WasReady`: there is nothing to wait for"]
pub enum Prepared {
    /// The word says `WAIT`: park, or take it back.
    Yes,
    /// It had happened already; the token is used up.
    WasReady,
}

/// Why a waiter is taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The descriptor is ready.
    Ready,
    /// Something about the descriptor has changed: the waiter is to look again.
    Unblock,
}

/// Who waited.
#[derive(Clone, Copy, Debug)]
#[must_use = "who was taken out of a line must be told"]
pub enum Taken {
    /// A G, and the ticket to claim (Taken Is Claimed).
    G(GRef, Ticket),
    /// A task: to be notified.
    Task(&'static Task),
}

/// One direction of a descriptor.
pub struct Slot {
    word: AtomicU64,
    // Epochs Tell Waits Apart. A ticket of none says that `who` is a task.
    who: AtomicPtr<()>,
    ticket: AtomicU64,
}

impl Slot {
    /// Nothing happened, nobody waits.
    pub fn new() -> Self {
        Self {
            word: AtomicU64::new(NIL),
            who: AtomicPtr::new(core::ptr::null_mut()),
            ticket: AtomicU64::new(0),
        }
    }

    /// Event *Prepare*: the current G is about to wait.
    pub fn prepare(&self, g: GRef, ticket: Ticket) -> Prepared {
        self.prepare_for(g.as_ptr().as_ptr().cast(), ticket)
    }

    /// Puts `task` here, to be notified once. Instead of another task, if one is here.
    pub fn register(&self, task: &'static Task) -> Prepared {
        // Relaxed: a look; `take` decides.
        if self.word.load(Ordering::Relaxed) & STATE == PARKED
            && let Some(before) = self.take(Cause::Unblock)
        {
            before.forget_task();
        }
        let place = core::ptr::from_ref(task).cast_mut();
        match self.prepare_for(place.cast(), Ticket::NONE) {
            Prepared::Yes if self.commit(self.wait_number()) => Prepared::Yes,
            Prepared::Yes if self.consume() => Prepared::WasReady,
            Prepared::Yes => self.register(task), // unblocked meanwhile: look again
            Prepared::WasReady => Prepared::WasReady,
        }
    }

    fn prepare_for(&self, who: *mut (), ticket: Ticket) -> Prepared {
        loop {
            // Acquire: pairs with the Release in `take`: what it read, it has read.
            let word = self.word.load(Ordering::Acquire);
            match word & STATE {
                NIL => {}
                READY if self.consume() => return Prepared::WasReady,
                READY => continue,
                _ => throw!("netpoll: two wait for the same direction"),
            }
            // Relaxed: `commit` publishes them (Epochs Tell Waits Apart).
            self.who.store(who, Ordering::Relaxed);
            self.ticket.store(ticket.to_bits(), Ordering::Relaxed); // Relaxed: as above
            let next = (word & !STATE).wrapping_add(EPOCH) | WAIT;
            // Acquire: as above; Relaxed on failure: again.
            let done = self.word.compare_exchange(word, next, Ordering::Acquire, Ordering::Relaxed);
            if done.is_ok() {
                return Prepared::Yes;
            }
        }
    }

    /// The number of the present wait, as the commit needs it. The waiter, after `prepare`.
    pub fn wait_number(&self) -> u64 {
        // Relaxed: nobody but the waiter moves the epoch.
        self.word.load(Ordering::Relaxed) / EPOCH
    }

    /// Event *Commit* of that wait: the waiter is off its stack. False: it happened meanwhile, somebody
    /// wants it to look again, or the wait is over (Commits Carry Their Epoch).
    #[must_use = "false: it must not wait"]
    pub fn commit(&self, wait_number: u64) -> bool {
        let waits = (wait_number * EPOCH) | WAIT;
        // Release: pairs with the Acquire in `take`: who waits is seen. Relaxed on failure: refused.
        self.word
            .compare_exchange(waits, waits | PARKED, Ordering::Release, Ordering::Relaxed)
            .is_ok()
    }

    /// Events *Ready* and *Unblock*: takes out who waits here.
    pub fn take(&self, cause: Cause) -> Option<Taken> {
        loop {
            // Acquire: pairs with the Release in `commit`.
            let word = self.word.load(Ordering::Acquire);
            let to = match (word & STATE, cause) {
                (READY, _) | (NIL, Cause::Unblock) => return None,
                (_, Cause::Ready) => word & !STATE | READY,
                (_, Cause::Unblock) => word & !STATE,
            };
            // Relaxed: Epochs Tell Waits Apart; the CAS below validates them.
            let who = self.who.load(Ordering::Relaxed);
            let ticket = Ticket::from_bits(self.ticket.load(Ordering::Relaxed)); // Relaxed: as above
            // Release: pairs with the Acquire in `prepare_for`, `consume` and `leave`; Acquire: the
            // waiter's acts come before ours. Relaxed on failure: again.
            let done = self.word.compare_exchange(word, to, Ordering::AcqRel, Ordering::Relaxed);
            if done.is_ok() {
                return (word & STATE == PARKED).then(|| Taken::new(who, ticket));
            }
        }
    }

    /// The wait is over: uses the token up. True if there was one.
    pub fn consume(&self) -> bool {
        self.clear() == READY
    }

    /// The waiter goes because its time has come, or before it waited. A token stays.
    pub fn leave(&self) {
        // Acquire: pairs with the Release in `take`.
        let mut word = self.word.load(Ordering::Acquire);
        while matches!(word & STATE, WAIT | PARKED) {
            let nil = word & !STATE;
            // Acquire: as above.
            match self.word.compare_exchange(word, nil, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    /// True if it happened and nobody has used the token: a hint.
    pub fn is_ready(&self) -> bool {
        // Relaxed: a hint; who acts on it tries the descriptor.
        self.word.load(Ordering::Relaxed) & STATE == READY
    }

    /// True if a task listens here.
    pub(crate) fn has_task(&self) -> bool {
        // Relaxed: nobody but who waits, or listens, in this direction changes it so.
        self.word.load(Ordering::Relaxed) & STATE == PARKED
            && self.ticket.load(Ordering::Relaxed) == Ticket::NONE.to_bits() // Relaxed: as above
    }

    /// True if a task listens here, and not this one.
    pub(crate) fn has_other_task(&self, task: &'static Task) -> bool {
        // Relaxed: as above; a notifier takes it out and leaves the place as it is.
        let who = self.who.load(Ordering::Relaxed);
        self.has_task() && !core::ptr::eq(who.cast_const().cast(), task)
    }

    fn clear(&self) -> u64 {
        // Relaxed: the CAS decides.
        let mut word = self.word.load(Ordering::Relaxed);
        loop {
            if word & STATE == PARKED {
                throw!("netpoll: a waiter is awake and still in line");
            }
            // Acquire: pairs with the Release in `take`: what was there before the event is seen.
            let nil = word & !STATE;
            match self.word.compare_exchange(word, nil, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return word & STATE,
                Err(now) => word = now,
            }
        }
    }
}

impl Taken {
    fn new(who: *mut (), ticket: Ticket) -> Self {
        let Some(who) = NonNull::new(who) else { throw!("netpoll: nobody waits") };
        if ticket == Ticket::NONE {
            // SAFETY: Epochs Tell Waits Apart: `register` put a task here, which is never freed.
            return Taken::Task(unsafe { who.cast::<Task>().as_ref() });
        }
        // SAFETY: Epochs Tell Waits Apart: `prepare` put a G here, type-stable memory.
        Taken::G(unsafe { GRef::new(who.cast::<G>()) }, ticket)
    }

    /// A task that is replaced is not notified: the same direction serves another one now.
    fn forget_task(self) {
        match self {
            Taken::Task(task) => task.remove_place(),
            Taken::G(..) => throw!("netpoll: a task and a g wait for the same direction"),
        }
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for the eye.
        let word = self.word.load(Ordering::Relaxed);
        let state = ["Nil", "Ready", "Wait", "Parked"][(word & STATE) as usize];
        f.debug_struct("Slot").field("state", &state).field("wait", &(word / EPOCH)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Prepared, Slot, Taken};
    use gaggle_gopark as gopark;

    /// The table at the top, row by row.
    #[test]
    fn each_event_does_in_each_state_what_the_table_says() {
        let g = gopark::current();
        let slot = Slot::new();
        assert!(slot.take(Cause::Unblock).is_none() && !slot.is_ready());
        assert!(slot.take(Cause::Ready).is_none() && slot.is_ready());
        assert!(slot.take(Cause::Unblock).is_none() && slot.is_ready());
        assert_eq!(slot.prepare(g, g.wait().open()), Prepared::WasReady);
        assert!(!slot.is_ready());
        for cause in [Cause::Ready, Cause::Unblock] {
            assert_eq!(slot.prepare(g, g.wait().open()), Prepared::Yes);
            assert!(slot.take(cause).is_none());
            assert!(!slot.commit(slot.wait_number()), "{cause:?} while about to wait");
            assert_eq!(slot.consume(), cause == Cause::Ready);
            let ticket = g.wait().open();
            assert_eq!(slot.prepare(g, ticket), Prepared::Yes);
            assert!(slot.commit(slot.wait_number()));
            let Some(Taken::G(who, its)) = slot.take(cause) else {
                panic!("{cause:?} takes nobody")
            };
            assert!(who == g && its == ticket);
            assert_eq!(slot.consume(), cause == Cause::Ready);
        }
    }

    #[test]
    fn a_commit_that_comes_when_the_next_wait_has_begun_refuses() {
        let g = gopark::current();
        let slot = Slot::new();
        assert_eq!(slot.prepare(g, g.wait().open()), Prepared::Yes);
        let first = slot.wait_number();
        slot.leave();
        assert!(!slot.commit(first));
        assert_eq!(slot.prepare(g, g.wait().open()), Prepared::Yes);
        assert!(!slot.commit(first));
        assert!(slot.commit(slot.wait_number()));
        assert!(!slot.commit(first));
    }

    #[test]
    fn a_waiter_that_leaves_is_found_by_nobody_and_leaves_a_token_there() {
        let g = gopark::current();
        let slot = Slot::new();
        assert_eq!(slot.prepare(g, g.wait().open()), Prepared::Yes);
        assert!(slot.commit(slot.wait_number()));
        slot.leave();
        assert!(slot.take(Cause::Ready).is_none());
        slot.leave();
        assert!(slot.is_ready());
    }
}
