//! The mutex's word: `waiters << 3 | STARVING | WOKEN | LOCKED` (SEMANTICS K12).
//!
//! | word | meaning | who may leave it |
//! |---|---|---|
//! | no `LOCKED`, no `STARVING` | free | whoever sets `LOCKED` by CAS |
//! | `LOCKED` | held | the holder, by subtracting it |
//! | `WOKEN` | one contender is awake, so `unlock` wakes nobody (K10) | that contender, as it locks or waits again |
//! | `LOCKED`, `STARVING` | held; newcomers wait behind all others | the holder, by subtracting `LOCKED` |
//! | `STARVING`, no `LOCKED` | handed over; the receiver is on its way (K7) | the receiver, by CAS; a timed waiter takes itself off the count, if it is not the last |
//!
//! In normal mode `unlock` takes a waiter off the count and releases one token of the semaphore;
//! whoever gets it competes. In starvation mode `unlock` leaves the count and releases one token;
//! whoever gets it owns the mutex and takes itself off the count.
//!
//! *Registered Or Paid*: waiters on the count, plus (normal mode) tokens released and not yet
//! taken, are as many as there are waiters in line or on their way into it. So a waiter whose
//! deadline came leaves by taking one off the count, whichever one; if none is there to take (or
//! the last one belongs to the receiver of a hand-over), a token is on its way that nobody else
//! will take, and it must.

use core::fmt;

pub(super) const LOCKED: u32 = 1;
pub(super) const WOKEN: u32 = 1 << 1;
pub(super) const STARVING: u32 = 1 << 2;
pub(super) const WAITER: u32 = 1 << 3;

/// One value of the word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(pub(super) u32);

/// What is to be done about a waiter whose deadline came.
pub(super) enum Leave {
    /// Take it off the count: the word becomes this.
    Uncount(State),
    /// Nobody but it can take the token that is on its way.
    TakeToken,
}

impl State {
    pub(super) fn has(self, bits: u32) -> bool {
        self.0 & bits != 0
    }

    pub(super) fn waiters(self) -> u32 {
        self.0 / WAITER
    }

    /// Nobody holds it and nobody is to be handed it.
    pub(super) fn is_free(self) -> bool {
        !self.has(LOCKED | STARVING)
    }

    /// What a contender makes of the word: it locks it, or joins the waiters.
    pub(super) fn contend(self, me: &Contender) -> State {
        let mut word = self.0;
        if self.is_free() {
            word |= LOCKED;
        } else {
            word += WAITER;
            // Only a holder can hand over, so a free mutex never becomes a starving one.
            if me.is_starving() && self.has(LOCKED) {
                word |= STARVING;
            }
        }
        State(word).without_woken(me)
    }

    /// One more waits, who is asleep already.
    pub(super) fn one_more(self) -> State {
        State(self.0 + WAITER)
    }

    /// A contender that was awake goes to sleep, or owns the mutex.
    fn without_woken(self, me: &Contender) -> State {
        if !me.is_awake() {
            return self;
        }
        self.assert_consistent(self.has(WOKEN));
        State(self.0 & !WOKEN)
    }

    /// The unlocker's next word, if it has a waiter to wake in normal mode (K10).
    pub(super) fn wake_one(self) -> Option<State> {
        let nobody = self.waiters() == 0 || self.has(LOCKED | WOKEN | STARVING);
        (!nobody).then(|| State((self.0 - WAITER) | WOKEN))
    }

    /// What the receiver of a hand-over makes of the word: it locks, it is off the count, and it
    /// ends starvation if it did not starve or is the last (K8).
    pub(super) fn receive(self, me: &Contender) -> State {
        self.assert_consistent(!self.has(LOCKED | WOKEN) && self.waiters() > 0);
        let ends = !me.is_starving() || self.waiters() == 1;
        let word = (self.0 - WAITER) | LOCKED;
        State(if ends { word & !STARVING } else { word })
    }

    /// See *Registered Or Paid*.
    pub(super) fn give_up(self) -> Leave {
        let handed_over = self.has(STARVING) && !self.has(LOCKED);
        match self.waiters() {
            0 => Leave::TakeToken,
            1 if handed_over => Leave::TakeToken,
            // Nobody is left to be handed it.
            1 => Leave::Uncount(State((self.0 - WAITER) & !STARVING)),
            _ => Leave::Uncount(State(self.0 - WAITER)),
        }
    }

    fn assert_consistent(self, consistent: bool) {
        if !consistent {
            gaggle_prim::throw!("sync: inconsistent mutex state {self:?}");
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("locked", &self.has(LOCKED))
            .field("woken", &self.has(WOKEN))
            .field("starving", &self.has(STARVING))
            .field("waiters", &self.waiters())
            .finish()
    }
}

/// How far a contender has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It has not slept yet.
    Newcomer,
    /// It said so in `WOKEN`, by spinning or because it got a token in normal mode.
    Awake,
}

/// Whether a waiter has waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hunger {
    Patient,
    Starving,
}

/// One goroutine that wants the mutex and did not get it at once.
#[derive(Debug)]
pub(super) struct Contender {
    stage: Stage,
    hunger: Hunger,
    patience: u64,
    since: Option<u64>,
}

impl Contender {
    /// It starves after `patience` nanoseconds in line.
    pub(super) fn new(patience: u64) -> Self {
        Self { stage: Stage::Newcomer, hunger: Hunger::Patient, patience, since: None }
    }

    pub(super) fn is_awake(&self) -> bool {
        self.stage == Stage::Awake
    }

    pub(super) fn is_starving(&self) -> bool {
        self.hunger == Hunger::Starving
    }

    /// True if it has been in line before: then it waits at the front (K6).
    pub(super) fn has_waited(&self) -> bool {
        self.since.is_some()
    }

    /// It set `WOKEN`, or was woken in normal mode.
    pub(super) fn wake(&mut self) {
        self.stage = Stage::Awake;
    }

    /// It joined the count at `now`.
    pub(super) fn sleep(&mut self, now: u64) {
        self.since.get_or_insert(now);
        self.stage = Stage::Newcomer;
    }

    /// It left the line at `now` (K7).
    pub(super) fn rise(&mut self, now: u64) {
        let since = self.since.unwrap_or(now);
        if now.saturating_sub(since) >= self.patience {
            self.hunger = Hunger::Starving;
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{Contender, LOCKED, Leave, STARVING, State, WAITER, WOKEN};

    /// One that has waited for `waited` nanoseconds and starves after ten.
    fn contender(waited: u64) -> Contender {
        let mut me = Contender::new(10);
        assert!(!me.has_waited());
        me.sleep(100);
        me.rise(100 + waited);
        me
    }

    /// K6: who was woken and lost stands at the front; the time in line counts from the first time.
    #[test]
    fn a_waiter_that_lost_again_has_waited_since_it_came() {
        let mut me = contender(9);
        assert!(me.has_waited() && !me.is_starving());
        me.sleep(200);
        me.rise(201);
        assert!(me.is_starving(), "K7: since 100");
    }

    /// K7: a starving waiter that finds the mutex held asks for it; of a free one it asks nothing.
    #[test]
    fn only_a_held_mutex_starves() {
        let me = contender(10);
        assert_eq!(State(LOCKED).contend(&me), State(LOCKED | STARVING | WAITER));
        assert_eq!(State(0).contend(&me), State(LOCKED));
        let newcomer = Contender::new(10);
        assert_eq!(State(LOCKED | STARVING).contend(&newcomer), State(LOCKED | STARVING | WAITER));
        assert_eq!(State(STARVING | WAITER).contend(&newcomer), State(STARVING | (2 * WAITER)));
        assert!(!State(STARVING).is_free(), "K4, K7: what is handed over is not to be had");
    }

    /// K8: starvation ends with the last waiter, or with one that did not wait for long.
    #[test]
    fn starvation_ends_with_the_last_or_a_patient_one() {
        let after =
            |waiters: u32, waited| State(STARVING | (waiters * WAITER)).receive(&contender(waited));
        assert_eq!(after(2, 10), State(LOCKED | STARVING | WAITER));
        assert_eq!(after(1, 10), State(LOCKED));
        assert_eq!(after(2, 9), State(LOCKED | WAITER));
    }

    /// K10: one is woken at most, and nobody while one is awake or the mutex is taken.
    #[test]
    fn unlock_wakes_one_unless_somebody_is_awake() {
        assert_eq!(State(3 * WAITER).wake_one(), Some(State((2 * WAITER) | WOKEN)));
        for word in [0, WAITER | WOKEN, WAITER | LOCKED, WAITER | STARVING] {
            assert_eq!(State(word).wake_one(), None);
        }
    }

    #[test]
    fn the_receiver_of_a_hand_over_must_take_its_token() {
        assert!(matches!(State(STARVING | WAITER).give_up(), Leave::TakeToken));
        assert!(matches!(State(0).give_up(), Leave::TakeToken));
        let last = State(LOCKED | STARVING | WAITER).give_up();
        assert!(matches!(last, Leave::Uncount(State(LOCKED))));
    }
}
