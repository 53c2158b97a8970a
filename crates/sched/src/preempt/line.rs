//! The line of Ms that wait for a P with a goroutine stopped in the middle.
//!
//! *Linked Under Lock*: the links and the turn of an M belong to the scheduler's lock. An M is in
//! the line exactly while its word says `QUEUED` or `STOPPED`: it joins and leaves in the hold of
//! the lock that changes the word.
//!
//! The line stands beside the global queue as one queue in order of arrival: an M notes how many
//! goroutines must leave the global queue before its turn comes. When very many are stopped they
//! go first (*Crowd Rule*), or a plain fan-out of computing goroutines would become as many
//! threads; after seven of them one of the others runs even then, because those in the line may
//! spin until one of the others has run.
//!
//! If they do, none of them ends. So a crowd of which nobody has left for several rounds *stalls*: as many of
//! the others as it has members go first then, in time slices of the usual length, and so on after every
//! round, until somebody leaves it or it is [`LARGE`].
//!
//! | pace | patience | time slice | ends when |
//! |---|---|---|---|
//! | `Ends` | six rounds | doubles with the crowd | the patience is over: `Stalls` |
//! | `Stalls` | one round | the usual one | somebody who was granted a P does not come back: `Ends` |
//!
//! Who gave way for a moment comes back before all who wait, behind those who gave way before (*In Order*), but that is a matter
//! of a time slice: of those who give way while somebody waits behind them no more than [`FIRST_IN_A_ROW`] for each P, then the
//! next one goes behind all (*Not For Ever*). The monitor sees to it that none does so for more than a slice of its own; but a
//! chain of goroutines each of which computes for less has no slice that is ever over.
//!
//! *Nobody Gains*: who passes the first by, because it finds its CPU free, has had no more turns than the first, as far as both were
//! in line: so each has one turn in each round.
//!
//! *Seen By Grants*: who was granted a P and does not come back to the line is seen when more are out than
//! there are Ps.

use crate::machine::m::M;
use crate::preempt::cpu::Cpu;
use crate::press::Rank;
use core::cell::Cell;
use core::fmt;
use core::ptr::null_mut;

/// Stopped Ms per P that make a crowd.
const CROWD: u32 = 4;
/// So many of a crowd go first, then one of the others.
const IN_A_ROW: u32 = 7;

/// So many give way for a moment, for each P, while those behind them have no turn: about a time slice of the monitor's ticks.
const FIRST_IN_A_ROW: u32 = 10;

/// So often the first of the line is passed by for one that finds its CPU free.
const PASSES: u32 = 2;
/// So many of the line are looked at for that.
const FRONT: u32 = 16;

/// So many stopped Ms, and fairness makes no more of them.
const LARGE: u32 = 64;

/// Whether anybody of a crowd leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// Somebody did of late.
    Ends,
    /// Nobody did while each had several turns.
    Stalls,
}

impl Pace {
    /// How many turns each of a crowd has, before others go first.
    fn rounds(self) -> u32 {
        match self {
            Pace::Ends => 6,
            Pace::Stalls => 1,
        }
    }
}

/// The turn of one that gave way: before the global queue, behind what the P has itself.
const GAVE_WAY: u64 = 0;
/// The same after a look past what a P has itself: that may never be done, so the next look finds it due.
const WAS_PASSED_OVER: u64 = 1;
/// The first turn of one that did not give way.
pub(crate) const FIRST_TURN: u64 = 2;

/// An M's place in the line.
pub(crate) struct InLine {
    before: Cell<*mut M>,
    behind: Cell<*mut M>,
    turn: Cell<u64>,
    /// The goroutine with which it was last granted a P; 0 if none.
    granted: Cell<u64>,
    /// How often another one was taken while it was the first.
    passed: Cell<u32>,
    /// The round it is in (Nobody Gains).
    round: Cell<u64>,
}

// SAFETY: Linked Under Lock.
unsafe impl Sync for InLine {}

impl InLine {
    pub(crate) const fn new() -> Self {
        Self {
            before: Cell::new(null_mut()),
            behind: Cell::new(null_mut()),
            turn: Cell::new(0),
            granted: Cell::new(0),
            passed: Cell::new(0),
            round: Cell::new(0),
        }
    }

    /// True of one that gave way for a moment.
    fn gave_way(&self) -> bool {
        self.turn.get() <= WAS_PASSED_OVER
    }
}

/// The line.
pub(crate) struct Line {
    first: *mut M,
    last: *mut M,
    len: u32,
    /// How many got a P since one of the others did.
    in_a_row: u32,
    pace: Pace,
    /// How many were granted a P and have not come back; they may have left.
    out: u32,
    /// How many came back since somebody left, or since others went first; and how many are enough.
    came_back: u32,
    enough: u32,
    /// How many of the others go first now.
    others_first: u32,
    /// How many gave way for a moment since one who did not had a turn.
    gave_way: u32,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self {
            first: null_mut(),
            last: null_mut(),
            len: 0,
            in_a_row: 0,
            pace: Pace::Ends,
            out: 0,
            came_back: 0,
            enough: 0,
            others_first: 0,
            gave_way: 0,
        }
    }

    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// True if `len` stopped Ms are a crowd for `procs` Ps.
    pub(crate) fn is_crowd(len: u32, procs: u32) -> bool {
        len > CROWD.saturating_mul(procs)
    }

    /// How often the time slice doubles: as often as the line has beyond what is no crowd yet.
    pub(crate) fn doublings(&self, procs: u32) -> u32 {
        match self.pace {
            Pace::Ends => {
                (self.len / CROWD.saturating_mul(procs).max(1)).checked_ilog2().unwrap_or(0)
            }
            Pace::Stalls => 0,
        }
    }

    /// `m` joins; it is in no line.
    pub(crate) fn join(&mut self, m: &M, rank: Rank, turn: u64, procs: u32) {
        let place = core::ptr::from_ref(m).cast_mut();
        let rank = self.admitted(rank, procs);
        let (before, behind) = match rank {
            Rank::Behind => (self.last, null_mut()),
            Rank::First => self.behind_those_who_gave_way(),
        };
        m.in_line.turn.set(if rank == Rank::First { GAVE_WAY } else { turn });
        m.in_line.passed.set(0);
        let now = self.first().map_or(0, |first| first.in_line.round.get());
        let came_back = m.in_line.granted.get() == goroutine_of(m);
        let next = if came_back { m.in_line.round.get() + 1 } else { 0 };
        m.in_line.round.set(now.max(next));
        self.link(before, place);
        self.link(place, behind);
        self.len += 1;
        if m.in_line.granted.replace(0) == goroutine_of(m) {
            self.out = self.out.saturating_sub(1);
            if rank == Rank::Behind && Self::is_crowd(self.len, procs) {
                self.count_return();
            }
        }
    }

    /// Where one goes that wants to go there (Not For Ever).
    fn admitted(&mut self, rank: Rank, procs: u32) -> Rank {
        if rank == Rank::Behind || self.gave_way >= FIRST_IN_A_ROW.saturating_mul(procs) {
            return Rank::Behind;
        }
        self.gave_way += 1;
        Rank::First
    }

    /// The neighbours of one that gives way now (In Order).
    fn behind_those_who_gave_way(&self) -> (*mut M, *mut M) {
        let (mut before, mut behind) = (null_mut(), self.first);
        // SAFETY: an M's memory is never freed; Linked Under Lock.
        while let Some(m) = unsafe { behind.as_ref() }.filter(|m| m.in_line.gave_way()) {
            (before, behind) = (behind, m.in_line.behind.get());
        }
        (before, behind)
    }

    /// One of a crowd has used up its slice, and has not ended. Its patience is counted in rounds of
    /// the line as it is when the counting begins.
    fn count_return(&mut self) {
        if self.came_back == 0 {
            self.enough = self.len.saturating_mul(self.pace.rounds());
        }
        self.came_back += 1;
        if self.came_back > self.enough {
            self.pace = Pace::Stalls;
            self.came_back = 0;
            self.others_first = self.len.min(LARGE.saturating_sub(self.len));
        }
    }

    /// `m` leaves; it is in this line.
    pub(crate) fn leave(&mut self, m: &M) {
        self.link(m.in_line.before.replace(null_mut()), m.in_line.behind.replace(null_mut()));
        self.len -= 1;
    }

    /// Makes two places neighbours; null is the end of the line on that side.
    fn link(&mut self, before: *mut M, behind: *mut M) {
        // SAFETY: an M's memory is never freed; Linked Under Lock.
        match unsafe { before.as_ref() } {
            Some(m) => m.in_line.behind.set(behind),
            None => self.first = behind,
        }
        // SAFETY: as above.
        match unsafe { behind.as_ref() } {
            Some(m) => m.in_line.before.set(before),
            None => self.last = before,
        }
    }

    /// The M whose turn it is: `popped` goroutines have left the global queue so far, `queued`
    /// are in it. It stays in the line.
    pub(crate) fn due(&self, popped: u64, queued: usize, procs: u32) -> Option<&'static M> {
        // SAFETY: an M's memory is never freed.
        let first = unsafe { self.first.as_ref() }?;
        let is_due = match Self::is_crowd(self.len, procs) {
            true => self.goes_first(procs),
            false => first.in_line.turn.get() <= popped,
        };
        (queued == 0 || is_due).then_some(first)
    }

    /// Who is to get a P instead of `first`, whose turn it is: one that ran on the CPU `near` (`cpu.rs`), if its turn
    /// has come by `now`, too, it is in no later round, and `first` was not passed by too often.
    pub(crate) fn nearest(&self, first: &'static M, near: Cpu, now: u64) -> &'static M {
        let stays = near == Cpu::UNKNOWN || first.cpu.get().is(near) || first.in_line.gave_way();
        if stays || first.in_line.passed.get() == PASSES {
            return first;
        }
        let mut next = first.in_line.behind.get();
        let round = first.in_line.round.get();
        for _ in 1..self.len.div_ceil(2).min(FRONT) {
            // SAFETY: an M's memory is never freed; Linked Under Lock.
            let Some(m) = (unsafe { next.as_ref() }) else { break };
            let is_due = m.in_line.turn.get() <= now && m.in_line.round.get() <= round;
            if is_due && m.cpu.get().is(near) {
                first.in_line.passed.set(first.in_line.passed.get() + 1);
                return m;
            }
            next = m.in_line.behind.get();
        }
        first
    }

    /// A P that has goroutines of its own looks at the line. True if the first one has just given way to them:
    /// not at the next look.
    pub(crate) fn passes_over(&self) -> bool {
        let gave_way = self.first().filter(|m| m.in_line.turn.get() == GAVE_WAY);
        gave_way.map(|m| m.in_line.turn.set(WAS_PASSED_OVER)).is_some()
    }

    /// The Crowd Rule's answer.
    pub(crate) fn goes_first(&self, procs: u32) -> bool {
        Self::is_crowd(self.len, procs) && self.in_a_row < IN_A_ROW && self.others_first == 0
    }

    /// `m`, which has left the line, gets one of `procs` Ps.
    pub(crate) fn count_grant(&mut self, m: &M, procs: u32) {
        self.in_a_row += 1;
        if !m.in_line.gave_way() {
            self.gave_way = 0;
        }
        m.in_line.granted.set(goroutine_of(m));
        self.out += 1;
        if self.out > procs {
            self.out = procs; // Seen By Grants
            self.pace = Pace::Ends;
            (self.came_back, self.others_first) = (0, 0);
        }
    }

    /// One of the others got a P.
    pub(crate) fn count_other(&mut self) {
        self.in_a_row = 0;
        self.others_first = self.others_first.saturating_sub(1);
    }

    /// The first M, whatever its turn.
    pub(crate) fn first(&self) -> Option<&'static M> {
        // SAFETY: an M's memory is never freed.
        unsafe { self.first.as_ref() }
    }
}

/// The number of the goroutine that stands in line with `m`.
fn goroutine_of(m: &M) -> u64 {
    m.seat.g().map_or(u64::MAX, |g| g.id())
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "line_test.rs"]
mod tests;
