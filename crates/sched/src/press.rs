//! Press: an M that the monitor never sees outside gives its P up with its own hands.
//!
//! A goroutine that enters the runtime every few nanoseconds makes every look at it void before the
//! monitor can act on it (Looks Expire in `gopark`'s `seat/word.rs`). So the monitor, whose attempt has
//! failed, leaves word, and the M obeys where it next enters: nothing inside that section has happened
//! yet, and while its word stands at `ASK` every entry takes the slow path, which comes here.
//!
//! *One Slice*: a press names the P and the time slice it is for. In any other it is void, so that a
//! late one costs nobody his turn; of two the later counts.

use crate::line::Rank;
use crate::m::M;
use crate::p::P;
use crate::preempt::{self, Mode};
use crate::state::{SCHED, p_at};
use crate::{retake, suspend};
use core::sync::atomic::{AtomicU64, Ordering};
use gaggle_gopark::Section;

const NOTHING: u64 = 0;
const BEHIND: u64 = 1;
const FIRST: u64 = 2;
const ID_SHIFT: u32 = 2;
const TICK_SHIFT: u32 = 32;

/// Where an M finds what the monitor wants of it: the slice, the P's number, and the rank.
#[derive(Debug)]
pub(crate) struct Press(AtomicU64);

impl Press {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(NOTHING))
    }

    /// Wants the M to give `p` up in this slice, at its next entry.
    pub(crate) fn put(&self, p: &P, rank: Rank) {
        let rank = if rank == Rank::First { FIRST } else { BEHIND };
        // Relaxed: a request; it carries nothing, and One Slice.
        self.0.store(slice_of(p) | rank, Ordering::Relaxed);
    }

    /// What is wanted of the M, which has `p`. Its own thread.
    fn take(&self, p: &P) -> Option<Rank> {
        let press = self.0.load(Ordering::Relaxed); // Relaxed: as above
        let rank = match press.checked_sub(slice_of(p))? {
            BEHIND => Rank::Behind,
            FIRST => Rank::First,
            _ => return None,
        };
        // Relaxed: as above. One that comes just now is lost: its slice is over.
        self.0.store(NOTHING, Ordering::Relaxed);
        Some(rank)
    }
}

fn slice_of(p: &P) -> u64 {
    u64::from(p.schedtick()) << TICK_SHIFT | u64::from(p.id) << ID_SHIFT
}

/// The M enters the runtime, asked to yield: if it was pressed it gives its P up, and waits in line
/// until it has one again, or goes on without, as the mode says.
pub(crate) fn obey(section: &Section) {
    let m = M::on(section);
    let Some(p) = m.p() else { return };
    if let Some(rank) = m.press.take(p)
        && !m.reports.are_made()
    {
        give_up(m, rank);
        suspend::wait_in_line(m);
    }
}

/// The P goes to whoever the monitor wanted it for.
#[cold]
fn give_up(m: &'static M, rank: Rank) {
    let look = m.seat.look_inside();
    let lost = if preempt::mode() == Mode::Strict && retake::may_stop_more(&SCHED.lock()) {
        retake::join_line(m, look, rank).ok().flatten()
    } else {
        m.seat.word().take(look)
    };
    if let Some(id) = lost {
        retake::pass_on(p_at(id), rank);
    }
}
