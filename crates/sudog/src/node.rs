//! The node: one G, in one line, for one thing.
//!
//! | field | protection |
//! |---|---|
//! | `g`, `slot` | constant while in a line |
//! | `next`, `prev`, `place`, `case`, `ticket` | the line's lock |
//! | `outcome` | the taker, between `dequeue` and `finish`; then the waiter, once it runs again |

use crate::seen::TIMED;
use core::cell::Cell;
use core::fmt;
use core::ptr::NonNull;
use gaggle_gopark::{Claim, GRef, Ticket};
use gaggle_prim::cell::UnsafeCell;
use gaggle_race::Place as RacePlace;

/// How a wait ended, as its node's taker saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody took the node.
    Pending,
    /// It got what it waited for; a value, if any, went through the slot.
    Done,
    /// The object was closed.
    Closed,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Place {
    Nowhere = 0,
    /// A number that stacks are unlikely to hold by chance: `seen.rs` looks for it.
    InLine = 0x6c69_6e65,
}

/// One G waiting in one line. Lives on the waiter's stack; pinned there while in the line.
pub struct Sudog {
    pub(crate) g: GRef,
    /// [`Ticket::NONE`] while only a dequeue can end the wait. No option of one: a node is a cache line.
    ticket: Cell<Ticket>,
    slot: *mut (),
    pub(crate) case: Cell<usize>,
    pub(crate) next: Cell<Option<NonNull<Sudog>>>,
    pub(crate) prev: Cell<Option<NonNull<Sudog>>>,
    pub(crate) place: Cell<Place>,
    outcome: UnsafeCell<Outcome>,
    race: RacePlace,
}

impl Sudog {
    /// A node for a wait that only a dequeue can end. `slot` is where a value goes or comes from.
    #[inline]
    pub fn new(g: GRef, slot: *mut ()) -> Self {
        Self::with(g, Ticket::NONE, slot, 0)
    }

    /// As [`new`](Self::new), for one who waits for what `object` is: an address, or what `seen.rs` has in its place.
    #[inline]
    pub fn about(g: GRef, slot: *mut (), object: usize) -> Self {
        Self::with(g, Ticket::NONE, slot, object)
    }

    /// A node for a wait that others may end too (select, deadlines): it leaves the line only
    /// together with `ticket`. `case` is the waiter's own number for it; who waits for an object puts
    /// its address there (`seen.rs`).
    #[inline]
    pub fn contested(g: GRef, ticket: Ticket, slot: *mut (), case: usize) -> Self {
        Self::with(g, ticket, slot, case)
    }

    #[inline]
    fn with(g: GRef, ticket: Ticket, slot: *mut (), case: usize) -> Self {
        Self {
            g,
            ticket: Cell::new(ticket),
            slot,
            case: Cell::new(case),
            next: Cell::new(None),
            prev: Cell::new(None),
            place: Cell::new(Place::Nowhere),
            outcome: UnsafeCell::new(Outcome::Pending),
            race: RacePlace::new(),
        }
    }

    /// How the wait ended. For the waiter, once it runs again (or under the line's lock).
    #[inline]
    pub fn outcome(&self) -> Outcome {
        // SAFETY: Dequeued Is Ours: the taker's write came before its `ready`.
        let outcome = self.outcome.with(|outcome| unsafe { *outcome });
        match outcome {
            Outcome::Pending => self.race.clear(),
            Outcome::Done | Outcome::Closed => self.race.take(),
        }
        outcome
    }

    /// Where the waiter and its taker meet, to a race detector.
    #[inline]
    pub fn race(&self) -> &RacePlace {
        &self.race
    }

    /// The G that waits.
    #[inline]
    pub fn g(&self) -> GRef {
        self.g
    }

    /// Where a value goes or comes from.
    #[inline]
    pub fn slot(&self) -> *mut () {
        self.slot
    }

    /// The waiter's own number for it.
    #[inline]
    pub fn case(&self) -> usize {
        self.case.get()
    }

    /// Gives it another number: before it is in a line, or under the line's lock.
    pub fn set_case(&self, case: usize) {
        self.case.set(case);
    }

    /// True if it stands in a line. Under the line's lock.
    pub fn is_in_line(&self) -> bool {
        self.place.get() == Place::InLine
    }

    /// From here on others may end the wait too, as for [`contested`](Self::contested). Under the
    /// line's lock.
    pub fn contest(&self, ticket: Ticket) {
        self.case.set(self.case.get() | TIMED);
        self.ticket.set(ticket);
    }

    /// Ends a contested wait in the clock's name, if nobody else has, and leaves the node where it
    /// stands. Under the line's lock; the G returned is to be readied after unlocking.
    #[must_use = "the G sleeps until somebody readies it"]
    pub fn time_out(&self) -> Option<GRef> {
        let ticket = self.ticket.get();
        let won = ticket != Ticket::NONE && self.g.wait().claim(ticket, Claim::TimeOut);
        won.then_some(self.g)
    }

    /// True if the taker may end this wait.
    #[inline]
    pub(crate) fn win(&self) -> bool {
        match self.ticket.get() {
            Ticket::NONE => true,
            ticket => self.g.wait().claim(ticket, Claim::Wake),
        }
    }
}

impl fmt::Debug for Sudog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sudog")
            .field("g", &self.g)
            .field("case", &self.case.get())
            .finish_non_exhaustive()
    }
}

/// A node taken out of its line: the right, and the duty, to end that wait.
#[derive(Debug)]
#[must_use = "a dequeued waiter must be finished and readied, or it sleeps for ever"]
pub struct Waiter(NonNull<Sudog>);

impl Waiter {
    pub(crate) fn new(node: NonNull<Sudog>) -> Self {
        Self(node)
    }

    /// Where its value goes or comes from.
    #[inline]
    pub fn slot(&self) -> *mut () {
        // SAFETY: Dequeued Is Ours.
        unsafe { self.0.as_ref() }.slot
    }

    /// Where the waiter and its taker meet, to a race detector.
    #[inline]
    pub fn race(&self) -> &RacePlace {
        // SAFETY: Dequeued Is Ours.
        &unsafe { self.0.as_ref() }.race
    }

    /// The waiter's own number for the node.
    #[inline]
    pub fn case(&self) -> usize {
        // SAFETY: Dequeued Is Ours.
        unsafe { self.0.as_ref() }.case.get()
    }

    /// The node itself, to be put into a line again: its wait is not over after all. Not for a
    /// contested one, whose ticket is claimed.
    pub fn into_node(self) -> NonNull<Sudog> {
        self.0
    }

    /// Publishes the outcome. The G returned is to be readied, after unlocking; nothing else of
    /// the node may be touched any more.
    #[inline]
    #[must_use = "the G sleeps until somebody readies it"]
    pub fn finish(self, outcome: Outcome) -> GRef {
        // SAFETY: Dequeued Is Ours.
        let node = unsafe { self.0.as_ref() };
        let g = node.g;
        // SAFETY: Dequeued Is Ours: the waiter reads it only after the `ready` that follows.
        node.outcome.with_mut(|place| unsafe { *place = outcome });
        g
    }
}
