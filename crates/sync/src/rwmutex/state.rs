//! The reader/writer mutex's word: `awaited << 34 | HANDOFF | WANTED | WRITER | readers`.
//!
//! | word | meaning | who may leave it |
//! |---|---|---|
//! | 0 | free | a reader by adding one, a writer by CAS to `WRITER` |
//! | no `WRITER`, readers | that many hold it | readers; the writer at the front, by announcing itself |
//! | `WRITER`, awaited > 0 | a writer waits for so many readers (SEMANTICS L3) | each of them, by taking itself off; the writer, when its deadline comes |
//! | `WRITER`, awaited 0 | a writer holds it, or it is on its way to one | the holder, by `unlock` |
//! | `WRITER`, readers | .. and so many wait for the end of the phase | `unlock`, which lets them all in; deadlines |
//! | `WANTED` | the next writer sleeps until `unlock`, and then competes | `unlock`; the sleeper's deadline |
//! | `WANTED`, `HANDOFF` | the same, but it has waited too long: it is handed over | the same |
//! | `SPREAD` (the bit of `WANTED`, no `WRITER`) | more readers may be in slots: see `spread` | the writer at the front, by gathering |
//! | `GATHERING` (`HANDOFF` without `WANTED`) | that writer moves them from the slots into `awaited`, where one is its own | it, when it is done |
//!
//! So `readers` are holders while there is no writer, and waiters while there is one. Writers stand in
//! line in a mutex of their own; only its holder, *the writer at the front*, announces itself or sets
//! `WANTED`.
//!
//! *Registered Or Paid*: readers that wait, plus tokens released to readers and not yet taken, are as
//! many as stand in line or are on their way into it. Whoever is paid counts as a holder, or as
//! awaited. So a reader whose deadline came leaves by taking one waiter off the count, whichever one:
//! if it had been paid, its token goes to that one, who then stands where it would have stood. If none
//! is there to take, its own token is on its way and it must take it.

use core::fmt;
use gaggle_sudog::sema::Handoff;

pub(super) const WRITER: u64 = 1 << 31;
const WANTED: u64 = 1 << 32;
const HANDOFF: u64 = 1 << 33;
// Of a word without a writer, and so without `WANTED`.
const SPREAD: u64 = WANTED;
const GATHERING: u64 = HANDOFF;
const AWAITED: u64 = 1 << 34;
const READERS: u64 = WRITER - 1;
/// More readers than there may be in the word (L7).
pub(super) const TOO_MANY: u64 = 1 << 29;
/// What the upper part of the word can count.
pub(super) const MOST_AWAITED: u64 = u64::MAX / AWAITED;

/// One value of the word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(pub(super) u64);

/// What the writer at the front made of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// It holds the mutex.
    Owned,
    /// The last awaited reader hands it over.
    Announced,
    /// `unlock` hands it over, or announces it.
    ToBeHanded,
    /// `unlock` wakes it, to compete again.
    Wanted,
    /// It is to gather readers first.
    Gathers,
}

/// Whether the writer at the front competes or has waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hunger {
    Patient,
    Starving,
}

impl Hunger {
    /// What a writer is that has waited for so long.
    pub(super) fn after(self, waited: u64, patience: u64) -> Hunger {
        if waited >= patience { Hunger::Starving } else { self }
    }
}

/// Whom a change of the word lets go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "who was let go on must be woken"]
pub(super) struct Wake {
    pub(super) readers: u64,
    pub(super) writer: Option<Handoff>,
}

/// What is to be done about a waiter whose deadline came.
pub(super) enum Leave {
    /// It is gone when the word becomes this.
    Gone(State, Wake),
    /// A token is on its way to it.
    TakeToken,
}

const NOBODY: Wake = Wake { readers: 0, writer: None };

impl State {
    pub(super) fn has_writer(self) -> bool {
        self.0 & WRITER != 0
    }

    pub(super) fn readers(self) -> u64 {
        self.0 & READERS
    }

    pub(super) fn awaited(self) -> u64 {
        self.0 / AWAITED
    }

    fn has(self, bits: u64) -> bool {
        self.0 & bits != 0
    }

    /// A writer's, waiting for `awaited` readers.
    fn announced(awaited: u64) -> State {
        State(WRITER | (awaited * AWAITED))
    }

    /// True if a writer holds it.
    pub(super) fn is_exclusive(self) -> bool {
        self.has_writer() && self.awaited() == 0
    }

    /// What a reader that does not wait makes of the word (L5).
    pub(super) fn try_rlock(self) -> Option<State> {
        (!self.has(WRITER | TOO_MANY)).then_some(State(self.0 + 1))
    }

    /// A holder leaves; None if there is none (L4).
    pub(super) fn runlock(self) -> Option<(State, Wake)> {
        if !self.has_writer() {
            return (self.readers() > 0).then(|| (State(self.0 - 1), NOBODY));
        }
        if self.is_gathering() {
            // One of them is the writer's own.
            return (self.awaited() > 1).then(|| (State(self.0 - AWAITED), NOBODY));
        }
        let awaited = self.awaited().checked_sub(1)?;
        let writer = (awaited == 0).then_some(Handoff::No);
        Some((State(self.0 - AWAITED), Wake { readers: 0, writer }))
    }

    /// True if readers that come use slots.
    pub(super) fn is_spread(self) -> bool {
        self.0 & (WRITER | SPREAD) == SPREAD
    }

    /// True if it is spread and nobody is counted in the word.
    pub(super) fn is_free_but_spread(self) -> bool {
        self.0 == SPREAD
    }

    /// True if nobody holds it or waits for it, as far as the word says.
    pub(super) fn is_free(self) -> bool {
        self.0 == 0 || self.is_free_but_spread()
    }

    /// True if all readers are in the word, no writer is there, and there is a reader.
    #[inline]
    pub(super) fn is_read_in_word(self) -> bool {
        self.0 & (WRITER | SPREAD) == 0 && self.readers() != 0
    }

    /// True if there may be readers in slots.
    pub(super) fn uses_slots(self) -> bool {
        self.is_spread() || self.is_gathering()
    }

    fn is_gathering(self) -> bool {
        self.0 & (WRITER | WANTED | GATHERING) == WRITER | GATHERING
    }

    fn is_wanted(self) -> bool {
        self.0 & (WRITER | WANTED) == WRITER | WANTED
    }

    /// Readers use slots from now on, if no writer is there.
    pub(super) fn spread(self) -> Option<State> {
        (!self.has(WRITER | SPREAD)).then_some(State(self.0 | SPREAD))
    }

    /// What so many awaited readers are in the word.
    pub(super) fn awaited_by(readers: u64) -> u64 {
        readers * AWAITED
    }

    /// All readers are in the word: whether the writer has it, or awaits them.
    pub(super) fn gathered(self) -> (State, Wake, Claim) {
        let next = State((self.0 & !GATHERING) - AWAITED);
        (next, NOBODY, if next.awaited() == 0 { Claim::Owned } else { Claim::Announced })
    }

    /// The writer does not want it any more: readers that waited are let in.
    pub(super) fn ungathered(self) -> (State, Wake, Claim) {
        let readers = self.readers();
        // What it awaited beside its own one were readers in the word: none, or some that it never moved.
        let next = State((self.awaited() - 1 + readers) | SPREAD);
        (next, Wake { readers, writer: None }, Claim::Announced)
    }

    /// What the writer at the front makes of the word.
    pub(super) fn claim(self, hunger: Hunger) -> (State, Claim) {
        if self.is_spread() {
            let gathering = State::announced(self.readers() + 1);
            return (State(gathering.0 | GATHERING), Claim::Gathers);
        }
        match (self.has_writer(), self.readers(), hunger) {
            (false, 0, _) => (State::announced(0), Claim::Owned),
            (false, readers, _) => (State::announced(readers), Claim::Announced),
            (true, _, Hunger::Patient) => (State(self.0 | WANTED), Claim::Wanted),
            (true, ..) => (State(self.0 | WANTED | HANDOFF), Claim::ToBeHanded),
        }
    }

    /// The writer leaves; None if none holds it (L4). Readers that wait are let in before the next
    /// writer (L3).
    pub(super) fn unlock(self) -> Option<(State, Wake)> {
        if !self.is_exclusive() {
            return None;
        }
        let readers = self.readers();
        if !self.has(HANDOFF) {
            let writer = self.has(WANTED).then_some(Handoff::No);
            return Some((State(readers), Wake { readers, writer }));
        }
        let writer = (readers == 0).then_some(Handoff::Yes);
        Some((State::announced(readers), Wake { readers, writer }))
    }

    /// The deadline of a reader that waits has come: see *Registered Or Paid*.
    pub(super) fn forsake_read(self) -> Leave {
        if self.has_writer() && self.readers() > 0 {
            Leave::Gone(State(self.0 - 1), NOBODY)
        } else {
            Leave::TakeToken
        }
    }

    /// The deadline of the writer at the front has come. Once it is announced, by itself or by
    /// `unlock`, the writer bit is its own.
    pub(super) fn forsake(self, claim: Claim) -> Leave {
        if self.is_wanted() {
            return Leave::Gone(State(self.0 & !(WANTED | HANDOFF)), NOBODY);
        }
        if claim == Claim::Wanted || self.awaited() == 0 {
            return Leave::TakeToken;
        }
        let readers = self.readers();
        Leave::Gone(State(self.awaited() + readers), Wake { readers, writer: None })
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let readers = self.readers();
        let (holders, waiting) =
            if self.has_writer() { (self.awaited(), readers) } else { (readers, 0) };
        f.debug_struct("State")
            .field("writer", &self.is_exclusive())
            .field("readers", &holders)
            .field("waiting_readers", &waiting)
            .field("waiting_writer", &(self.is_wanted() || self.awaited() > 0))
            .field("spread", &self.is_spread())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, Hunger, Leave, State, WRITER};

    #[test]
    fn an_announced_writer_waits_for_those_who_are_there_and_the_rest_for_it() {
        let (word, claim) = State(3).claim(Hunger::Patient);
        assert_eq!((claim, word.awaited(), word.readers()), (Claim::Announced, 3, 0));
        let word = State(word.0 + 2); // L2: two newcomers
        assert!(word.try_rlock().is_none() && !word.is_exclusive());
        let (word, wake) = word.runlock().unwrap();
        assert_eq!((wake.readers, wake.writer), (0, None));
        let (word, _) = word.runlock().unwrap();
        let (word, wake) = word.runlock().unwrap();
        assert!(wake.writer.is_some() && word.is_exclusive());
        assert!(word.runlock().is_none(), "L4");
        let (word, wake) = word.unlock().unwrap();
        assert_eq!((word, wake.readers), (State(2), 2)); // L3
        assert!(word.unlock().is_none(), "L4");
    }

    #[test]
    fn a_spread_mutex_is_gathered_before_it_is_written() {
        let word = State(2).spread().unwrap();
        assert!(word.is_spread() && word.uses_slots() && word.readers() == 2);
        assert!(word.try_rlock().is_some() && !word.is_exclusive());
        let (word, claim) = word.claim(Hunger::Patient);
        assert_eq!((claim, word.awaited()), (Claim::Gathers, 3)); // two, and its own
        assert!(word.uses_slots() && !word.is_spread() && word.try_rlock().is_none());
        let word = State(word.0 + State::awaited_by(1)); // one was in a slot
        let (word, wake) = word.runlock().unwrap();
        assert_eq!((word.awaited(), wake.writer), (3, None));
        let (word, _, claim) = word.gathered();
        assert_eq!((claim, word.awaited(), word.uses_slots()), (Claim::Announced, 2, false));
        // Without readers in the word: nobody may take what is the writer's own.
        let (word, _) = State(0).spread().unwrap().claim(Hunger::Patient);
        assert!(word.runlock().is_none());
        assert_eq!(word.gathered().2, Claim::Owned);
        let (next, wake, _) = State(word.0 + 1).ungathered(); // one waited
        assert_eq!((wake.readers, next.readers(), next.is_spread()), (1, 1, true));
    }

    #[test]
    fn a_writer_that_was_woken_does_not_take_a_spread_word_for_its_own() {
        let spread = State(1).spread().unwrap();
        assert!(matches!(spread.forsake(Claim::Wanted), Leave::TakeToken));
    }

    #[test]
    fn a_starving_writer_comes_right_after_the_readers_that_wait() {
        let (word, claim) = State(WRITER).claim(Hunger::Starving);
        assert_eq!(claim, Claim::ToBeHanded);
        let (next, wake) = State(word.0 + 2).unlock().unwrap();
        assert_eq!((next.awaited(), wake.readers, wake.writer), (2, 2, None));
        let (next, wake) = word.unlock().unwrap();
        assert!(next.is_exclusive() && wake.writer.is_some());
    }

    #[test]
    fn a_writer_that_gives_up_lets_everybody_in() {
        let (word, claim) = State(1).claim(Hunger::Patient);
        let Leave::Gone(word, wake) = State(word.0 + 2).forsake(claim) else { panic!("a token") };
        assert_eq!((word, wake.readers), (State(3), 2));
    }
}
