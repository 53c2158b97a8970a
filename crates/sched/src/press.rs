//! Press: what the monitor wants of an M that it never sees outside the runtime.
//!
//! A goroutine that enters the runtime every few nanoseconds makes every look at it void before the
//! monitor can act on it (Looks Expire in `gopark`'s `seat/word.rs`). So the monitor, whose attempt has
//! failed, leaves word here, and the M obeys where it next enters (`obey.rs`).
//!
//! *One Slice*: a press names the P and the time slice it is for. In any other it is void, so that a
//! late one costs nobody his turn; of two the later counts.

use core::fmt;
use gaggle_prim::sync::atomic::{AtomicU64, Ordering};

const NOTHING: u64 = 0;
const BEHIND: u64 = 1;
const FIRST: u64 = 2;
const ID_SHIFT: u32 = 2;
const TICK_SHIFT: u32 = 32;

/// Where in the line an M goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// Its time slice is over: behind all.
    Behind,
    /// It gives way to something urgent for a moment: before all that wait for any P.
    First,
}

/// Where an M finds what the monitor wants of it: the slice, the P's number, and the rank.
pub struct Press(AtomicU64);

impl Press {
    /// Nothing is wanted.
    #[expect(clippy::new_without_default, reason = "one per M")]
    pub fn new() -> Self {
        Self(AtomicU64::new(NOTHING))
    }

    /// Wants the M to give up the P of that number in its slice `tick`, at its next entry.
    pub fn put(&self, tick: u32, p: u32, rank: Rank) {
        let rank = if rank == Rank::First { FIRST } else { BEHIND };
        // Relaxed: a request; it carries nothing, and One Slice.
        self.0.store(slice(tick, p) | rank, Ordering::Relaxed);
    }

    /// What is wanted of the M, which has that P in that slice. Its own thread.
    pub fn take(&self, tick: u32, p: u32) -> Option<Rank> {
        let press = self.0.load(Ordering::Relaxed); // Relaxed: as above
        let rank = match press.checked_sub(slice(tick, p))? {
            BEHIND => Rank::Behind,
            FIRST => Rank::First,
            _ => return None,
        };
        // Relaxed: as above. One that comes just now is lost: its slice is over.
        self.0.store(NOTHING, Ordering::Relaxed);
        Some(rank)
    }
}

fn slice(tick: u32, p: u32) -> u64 {
    u64::from(tick) << TICK_SHIFT | u64::from(p) << ID_SHIFT
}

impl fmt::Debug for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Press").finish_non_exhaustive()
    }
}
