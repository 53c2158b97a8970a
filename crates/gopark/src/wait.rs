//! The winner word: who ends a wait that several parties may end (select, time-outs, cancels).
//!
//! | state | meaning | who may leave it |
//! |---|---|---|
//! | `CLOSED` | the G is in no contested wait | the G, to `OPEN` with the next epoch |
//! | `OPEN` | nobody won yet | any claimer that holds this epoch's [`Ticket`], once; who gives the G up, to `CLOSED` |
//! | `WOKEN` | a partner won | the G, to `OPEN` with the next epoch |
//! | `TIMED_OUT` | the clock won | the G, to `OPEN` with the next epoch, or to `CLOSED` once it has gone on |
//!
//! *One Winner*: of all claims with one ticket at most one succeeds, and the winner alone calls
//! `ready`. *Stale Is Harmless*: a claim with the ticket of an earlier wait fails, so a timer or a
//! node that outlived its wait needs no synchronous removal; G memory is type-stable, so the word
//! may be looked at for ever.

use core::fmt;
use gaggle_prim::sync::atomic::{AtomicU64, Ordering};

const CLOSED: u64 = 0;
const OPEN: u64 = 1;
const WOKEN: u64 = 2;
const TIMED_OUT: u64 = 3;
const STATE: u64 = 3;

/// The right to try to end one particular wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

impl Ticket {
    /// A place holder: no wait has this one.
    pub const NONE: Ticket = Ticket(u64::MAX);

    /// As a number, for a place that keeps it in an atomic.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The ticket that [`to_bits`](Self::to_bits) made a number of.
    pub const fn from_bits(bits: u64) -> Ticket {
        Ticket(bits)
    }
}

/// In whose name a wait is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// A partner: a value, a lock, a close.
    Wake,
    /// The clock.
    TimeOut,
}

/// The winner word of one G.
pub struct WaitWord(AtomicU64);

impl WaitWord {
    /// No contested wait.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(CLOSED))
    }

    /// No contested wait.
    #[cfg(loom)] // loom's atomics have no const constructors
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(CLOSED))
    }

    /// Opens the next wait. Only the G itself, before its node enters a line.
    #[inline]
    pub fn open(&self) -> Ticket {
        // Relaxed: the G's own word so far; the lock of the line publishes the ticket.
        let word = (self.0.load(Ordering::Relaxed) & !STATE) + (1 << 2);
        // Relaxed: as above. No claim can hit here: every old ticket has another epoch.
        self.0.store(word | OPEN, Ordering::Relaxed);
        Ticket(word)
    }

    /// Tries to win the wait; the winner must `ready` the G (or, for its own clock, go on).
    #[inline]
    #[must_use = "only the winner may end the wait"]
    pub fn claim(&self, ticket: Ticket, claim: Claim) -> bool {
        let to = match claim {
            Claim::Wake => WOKEN,
            Claim::TimeOut => TIMED_OUT,
        };
        // AcqRel: pairs with itself, so a loser sees what the winner did before it won.
        // Acquire on failure: as above.
        self.0
            .compare_exchange(ticket.0 | OPEN, ticket.0 | to, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// Lets nobody win the open wait any more: its G, which is parked, is never to go on.
    pub fn abandon(&self) {
        let word = self.0.load(Ordering::Relaxed); // Relaxed: the exchange decides
        if word & STATE == OPEN {
            // Relaxed: it publishes nothing; who was faster has won.
            let (now, then) = (Ordering::Relaxed, Ordering::Relaxed);
            let _ = self.0.compare_exchange(word, word & !STATE | CLOSED, now, then);
        }
    }

    /// True while nobody has won `ticket`: a timer entry whose ticket is not open is dead.
    #[inline]
    pub fn is_open(&self, ticket: Ticket) -> bool {
        // Relaxed: a hint for skipping the dead; `claim` decides.
        self.0.load(Ordering::Relaxed) == ticket.0 | OPEN
    }

    /// True if the clock ended the last wait: for queues, of a G that has not run since.
    #[inline]
    pub fn was_timed_out(&self) -> bool {
        // Relaxed: whoever took the G off a queue is ordered after the claim; a hint in any case.
        self.0.load(Ordering::Relaxed) & STATE == TIMED_OUT
    }

    /// As [`was_timed_out`](Self::was_timed_out), and it is so no more. Only the G itself, or who starts it.
    #[inline]
    pub fn forget_time_out(&self) -> bool {
        let word = self.0.load(Ordering::Relaxed); // Relaxed: the G's own word
        let was = word & STATE == TIMED_OUT;
        if was {
            // Relaxed: as above. No claim can hit here: the wait is over.
            self.0.store(word & !STATE | CLOSED, Ordering::Relaxed);
        }
        was
    }

    /// True if the clock won `ticket`. Only the G itself, after the park.
    #[inline]
    pub fn timed_out(&self, ticket: Ticket) -> bool {
        // Relaxed: `ready` ordered the claim before the G ran again.
        self.0.load(Ordering::Relaxed) == ticket.0 | TIMED_OUT
    }
}

impl fmt::Debug for WaitWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for the eye.
        let word = self.0.load(Ordering::Relaxed);
        f.debug_tuple("WaitWord").field(&(word >> 2)).field(&(word & STATE)).finish()
    }
}
