//! Places where readers are counted apart from each other, so that they do not meet on one cache line.
//!
//! A slot counts readers: who comes adds one to the slot of its P, who goes takes one out of some
//! slot. Which one does not matter: any goroutine may unlock what another has locked, so counts are
//! interchangeable, and all that is looked at is whether there are any.
//!
//! A slot's word is `changes << 32 | count`. The upper half tells a look at all slots whether it saw
//! one instant (*Calm Or Again*: if the changes of all slots are the same before and after a look, then
//! what it saw was so at every instant in between).

use crate::home::{MOST as MOST_PLACES, home, places};
use core::fmt;
use gaggle_prim::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use gaggle_prim::{CachePadded, MODEL, fence_after_rmw, full_fence};

const ONE: u64 = 1;
const COUNT: u64 = (1 << 32) - 1;
const CHANGE: u64 = 1 << 32;
/// More are counted elsewhere: so all slots and the word together stay below what the mutex can await.
const MOST: u64 = 1 << 22;
const _: () =
    assert!(MOST * MOST_PLACES as u64 + super::state::TOO_MANY < super::state::MOST_AWAITED);
/// So many collisions of readers are worth slots, at first.
const PATIENCE: u32 = 64;
const MOST_PATIENCE: u32 = 1 << 16;

/// The slots of one mutex.
pub(super) struct Slots {
    slots: Box<[CachePadded<AtomicU64>]>,
    // How often readers have collided since the last writer came, and how often they must.
    crowd: AtomicU32,
    patience: AtomicU32,
    // What `changes` said when the slots began to be used.
    begun: AtomicU64,
}

impl Slots {
    /// One for each processor, or none if there is only one.
    pub(super) fn new() -> Self {
        let count = if MODEL { 2 } else { places() };
        let count = if count < 2 { 0 } else { count };
        Self {
            slots: (0..count).map(|_| CachePadded::new(AtomicU64::new(0))).collect(),
            crowd: AtomicU32::new(0),
            patience: AtomicU32::new(PATIENCE),
            begun: AtomicU64::new(0),
        }
    }

    /// Whose slot is at hand: that of the P, or of the thread if there is none.
    pub(super) fn home() -> usize {
        home()
    }

    fn slot(&self, at: usize) -> &AtomicU64 {
        &self.slots[at & (self.slots.len() - 1)]
    }

    /// Counts a reader in at `home`; false if there are too many. Then a writer that looks at the slots
    /// sees it, or it sees what the writer has said before (*Seen By One*).
    #[inline]
    pub(super) fn put(&self, home: usize) -> bool {
        let slot = self.slot(home);
        // Relaxed: the fence makes it the reader's side of *Seen By One* (`spread`).
        let before = slot.fetch_add(CHANGE + ONE, Ordering::Relaxed);
        fence_after_rmw(); // pairs with the full fences in `gather` and `are_clear`
        if before & COUNT < MOST {
            return true;
        }
        // Release: pairs with the loads in `gather` and `take`. The one that we added, or another.
        slot.fetch_add(CHANGE - ONE, Ordering::Release);
        false
    }

    /// Takes one reader out, of `home` or else of any other; false if no slot seemed to have one.
    pub(super) fn take(&self, home: usize) -> bool {
        (home..home + self.slots.len()).any(|at| {
            let slot = self.slot(at);
            // Acquire: pairs with the Release below: whoever finds the slot empty has seen what the
            // one who emptied it did before.
            let mut now = slot.load(Ordering::Acquire);
            while now & COUNT != 0 {
                let next = now.wrapping_add(CHANGE) - ONE;
                // Release: pairs with the loads in `gather` and above. Acquire on failure, as above.
                match slot.compare_exchange(now, next, Ordering::Release, Ordering::Acquire) {
                    Ok(_) => return true,
                    Err(other) => now = other,
                }
            }
            false
        })
    }

    /// For a writer that readers have begun to see: counts all readers by `count` and takes them out;
    /// what was counted and was no longer there is given back to `uncount`. Never is a reader missing
    /// from both the slots and the count.
    pub(super) fn gather(&self, count: impl Fn(u64), uncount: impl Fn(u64)) {
        full_fence(); // pairs with the fence in `put`
        for slot in &self.slots {
            loop {
                // Acquire: pairs with the Release in `take`: what readers did.
                let now = slot.load(Ordering::Acquire);
                let readers = now & COUNT;
                if readers == 0 {
                    break;
                }
                count(readers);
                let next = now.wrapping_add(CHANGE) - readers;
                // AcqRel: as in `take`. Relaxed on failure: it is loaded again.
                let (done, lost) = (Ordering::AcqRel, Ordering::Relaxed);
                if slot.compare_exchange(now, next, done, lost).is_ok() {
                    break;
                }
                uncount(readers);
            }
        }
    }

    /// For a writer that readers have begun to see: true if there is no reader in any slot.
    pub(super) fn are_clear(&self) -> bool {
        full_fence(); // pairs with the fence in `put`
        // Acquire: pairs with the Release in `take`: what readers did.
        self.slots.iter().all(|slot| slot.load(Ordering::Acquire) & COUNT == 0)
    }

    /// True if there is only one processor: then nothing is gained by slots.
    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// How often the slots have changed: see *Calm Or Again*.
    pub(super) fn changes(&self) -> u64 {
        // Acquire: later looks come later.
        let changes = self.slots.iter().map(|slot| slot.load(Ordering::Acquire) / CHANGE);
        changes.fold(0, u64::wrapping_add)
    }

    /// How many readers are counted here, more or less.
    pub(super) fn count(&self) -> u64 {
        // Relaxed: for the eye, and for who decides later.
        self.slots.iter().map(|slot| slot.load(Ordering::Relaxed) & COUNT).sum()
    }

    /// Two readers have collided: true if that happened often enough to keep them apart.
    pub(super) fn collide(&self) -> bool {
        if self.is_empty() {
            return false;
        }
        // Relaxed: a count that may lose some.
        let crowd = self.crowd.load(Ordering::Relaxed) + 1;
        // Relaxed: as above.
        let enough = crowd >= self.patience.load(Ordering::Relaxed);
        // Relaxed: as above.
        self.crowd.store(if enough { 0 } else { crowd }, Ordering::Relaxed);
        enough
    }

    /// The slots are used from now on.
    pub(super) fn begin(&self) {
        self.begun.store(self.changes(), Ordering::Relaxed); // Relaxed: a hint for `end`
    }

    /// A writer has ended their use: if few readers came meanwhile, the next use must be better founded.
    pub(super) fn end(&self) {
        // Relaxed: a hint.
        let came = self.changes().wrapping_sub(self.begun.load(Ordering::Relaxed));
        // Relaxed: as above.
        let patience = self.patience.load(Ordering::Relaxed);
        let few = came < 16 * u64::from(patience);
        let next = if few { (patience * 2).min(MOST_PATIENCE) } else { PATIENCE };
        // Relaxed: as above.
        self.patience.store(next, Ordering::Relaxed);
        // Relaxed: as above.
        self.crowd.store(0, Ordering::Relaxed);
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").field("readers", &self.count()).finish_non_exhaustive()
    }
}
