//! Who may touch a shard: its owner, for the price of two plain stores, or one visitor at a time.
//!
//! | `owner` | `visitor` | who may touch the shard |
//! |---|---|---|
//! | `AWAY` | `AWAY` | nobody; both may come |
//! | `HERE` | `AWAY` | the owner |
//! | `AWAY` | `HERE` | the visitor |
//! | `HERE` | `HERE` | one of them at most: see below; the other goes away again |
//!
//! *One At A Time*: the owner writes `HERE`, passes the light fence and reads `visitor`; the visitor writes
//! `HERE`, passes the heavy fence and reads `owner`. By the store-buffer law of the pair (`prim::fence`) at
//! least one of them sees the other, and who sees the other does not touch the shard. What the one did is
//! seen by the next: each leaves by a Release store that the next one's Acquire load reads.
//!
//! There is one owner at a time because that is who is inside a runtime section with the shard's P in
//! hand: inside, an M keeps its P (*Stable Inside*, gopark), and what earlier owners did came with the P.
//! Shards of no P have no owner; their visitors skip the fence.

use gaggle_prim::sync::atomic::{AtomicU8, Ordering};
use gaggle_prim::{heavy_fence, light_fence};

const AWAY: u8 = 0;
const HERE: u8 = 1;

/// Whether a shard has an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owned {
    ByP,
    ByNobody,
}

/// The claim to one shard.
#[derive(Debug)]
pub(super) struct Claim {
    owner: AtomicU8,
    visitor: AtomicU8,
    owned: Owned,
}

/// The owner, at its shard; the shard may be touched until it is dropped.
pub(super) struct OwnerHere<'a>(&'a Claim);

/// A visitor, at the shard; the shard may be touched until it is dropped.
pub(super) struct VisitorHere<'a>(&'a Claim);

impl Claim {
    pub(super) fn new(owned: Owned) -> Self {
        Self { owner: AtomicU8::new(AWAY), visitor: AtomicU8::new(AWAY), owned }
    }

    /// The owner comes; None if a visitor is here.
    ///
    /// # Safety
    ///
    /// The caller is inside a runtime section with the shard's P in hand, until the answer is dropped.
    #[inline]
    pub(super) unsafe fn own(&self) -> Option<OwnerHere<'_>> {
        self.owner.store(HERE, Ordering::Relaxed); // Relaxed: the light fence orders it
        light_fence(); // pairs with the heavy fence in `visit`
        let here = OwnerHere(self);
        // Acquire: pairs with the Release in the drop of `VisitorHere`.
        (self.visitor.load(Ordering::Acquire) == AWAY).then_some(here)
    }

    /// A visitor comes; None if somebody is here.
    pub(super) fn visit(&self) -> Option<VisitorHere<'_>> {
        // Acquire: pairs with the Release in the drop of `VisitorHere`. Relaxed on failure: nothing was
        // gained.
        self.visitor.compare_exchange(AWAY, HERE, Ordering::Acquire, Ordering::Relaxed).ok()?;
        let here = VisitorHere(self);
        if self.owned == Owned::ByP {
            heavy_fence(); // pairs with the light fence in `own`
        }
        // Acquire: pairs with the Release in the drop of `OwnerHere`.
        (self.owner.load(Ordering::Acquire) == AWAY).then_some(here)
    }
}

impl Drop for OwnerHere<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.owner.store(AWAY, Ordering::Release); // pairs with the Acquire in `visit`
    }
}

impl Drop for VisitorHere<'_> {
    fn drop(&mut self) {
        self.0.visitor.store(AWAY, Ordering::Release); // pairs with the Acquires in `own` and `visit`
    }
}
