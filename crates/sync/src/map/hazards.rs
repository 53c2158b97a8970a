//! Hazards: places in which a reader says which entry it looks at, instead of counting itself in and out.
//!
//! A count is on the entry's cache line, which all its readers share; a hazard is on a line that is used from
//! one processor. There is one table for all maps of the process, a block of places for each processor.
//!
//! | a place | meaning | who may leave it |
//! |---|---|---|
//! | null | free | anyone, by CAS to the entry that it is about to look at |
//! | an entry | one looks at it, or is about to see that its slot has another by now | that one, by a store of null, on whichever thread |
//!
//! *Seen Or Gone*: a reader claims a place, passes a full fence and sees that the slot still has the entry. Who
//! takes an entry out of its slot does so before the fence that whoever sorts worn entries passes (`stock`);
//! then that one reads the places. So either it sees the reader's, or the reader sees that the entry is gone.
//! If it comes back to the slot later, that was after a later look at the places, to which the same applies.
//!
//! The claim is a read-modify-write anyway, since a goroutine may hold several places and leave its processor
//! with them; so it is the fence too, and those who sort have no heavy one to pay.

use crate::home::home;
use core::ptr::null_mut;
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};
use gaggle_prim::{CachePadded, MODEL, fence_after_rmw, full_fence};

/// How many may look from one processor at a time; others are counted.
const PLACES: usize = if MODEL { 2 } else { 8 };

/// One place.
#[derive(Debug)]
pub(super) struct Hazard(AtomicPtr<()>);

type Block = CachePadded<[Hazard; PLACES]>;

#[cfg(not(loom))] // there the table is the map's
static TABLE: [Block; crate::home::MOST] =
    [const { CachePadded::new([const { Hazard(AtomicPtr::new(null_mut())) }; PLACES]) };
        crate::home::MOST];

/// The table, from a map.
#[derive(Debug)]
pub(super) struct Hazards {
    #[cfg(loom)]
    table: [Block; 1],
}

impl Hazards {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(super) const fn new() -> Self {
        Self {}
    }

    #[cfg(loom)] // loom's atomics have no const constructors
    pub(super) fn new() -> Self {
        let place = |_| Hazard(AtomicPtr::new(null_mut()));
        Self { table: [CachePadded::new(core::array::from_fn(place))] }
    }

    #[cfg(not(loom))] // there the table is the map's
    #[inline]
    fn blocks(&self) -> &[Block] {
        &TABLE[..crate::home::places()]
    }

    #[cfg(loom)] // see above
    fn blocks(&self) -> &[Block] {
        &self.table
    }

    /// A place that says that we look at `entry`, if one is free here. The caller then looks whether it is still
    /// where it was found.
    #[inline]
    pub(super) fn claim(&self, entry: *mut ()) -> Option<&Hazard> {
        let blocks = self.blocks();
        let block = &blocks[home() & (blocks.len() - 1)];
        let place = block.iter().find(|place| place.claim(entry))?;
        fence_after_rmw(); // pairs with the fence in `each`: Seen Or Gone
        Some(place)
    }

    /// Calls `f` with each entry that somebody looks at.
    pub(super) fn each(&self, mut f: impl FnMut(*mut ())) {
        full_fence(); // pairs with the fence in `claim`: Seen Or Gone
        for place in self.blocks().iter().flat_map(|block| block.iter()) {
            // Acquire: pairs with the Release in `clear`, also through claims that followed it.
            let entry = place.0.load(Ordering::Acquire);
            if !entry.is_null() {
                f(entry);
            }
        }
    }
}

impl Hazard {
    #[inline]
    fn claim(&self, entry: *mut ()) -> bool {
        // Acquire: pairs with the Release in `clear`: so the next `clear` publishes what the last one did.
        // Relaxed on failure, and for the look, which is a guess: nothing was gained.
        let (done, lost) = (Ordering::Acquire, Ordering::Relaxed);
        self.0.load(lost).is_null()
            && self.0.compare_exchange(null_mut(), entry, done, lost).is_ok()
    }

    /// We have looked.
    #[inline]
    pub(super) fn clear(&self) {
        // Release: pairs with the Acquire in `each`: what we looked at we have looked at.
        self.0.store(null_mut(), Ordering::Release);
    }
}
