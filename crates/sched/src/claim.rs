//! Who has runnext: its owner, who pays nothing for it, or a thief, who pays for both.
//!
//! | word | meaning | who may leave it |
//! |---|---|---|
//! | `FREE` | nobody wants it | a thief, by CAS to `ASKED` |
//! | `ASKED` of a thief | that thief is about to look | it, by CAS to `TAKEN`, or to `FREE` if nothing is there; the owner, by CAS to `FREE`: refused |
//! | `TAKEN` of a G | that G is the thief's, though its address stands in runnext still | the owner, by a store of `FREE`, once it does not |
//!
//! *One Of Them*: the owner takes a G out of runnext by a store, passes the light fence, and looks at this
//! word. The thief writes `ASKED`, passes the heavy fence, and looks at runnext. By the store-buffer law of
//! the pair (`prim::fence`) the thief sees that the G has left, or the owner sees the claim; and if both,
//! one CAS decides: `ASKED` to `TAKEN`, or to `FREE`.
//!
//! *Answered When It Leaves*: so a G that was taken is found taken by the very act that takes it out of
//! runnext, and `TAKEN` names what leaves, or what has just come in its place.
//!
//! *A Thief's Name*: its own queue's address, odd. It has its P until it is done, so no two claims that
//! are under way have one name, and an old thief's CAS does not hit a new one's claim.

use gaggle_gopark::G;
use gaggle_prim::sync::atomic::{AtomicUsize, Ordering};
use gaggle_prim::{heavy_fence, light_fence};

const FREE: usize = 0;
const ASKED: usize = 1;

/// To whom a G belongs that has left runnext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The owner's.
    Ours,
    /// The G of this address is a thief's. The owner calls [`Claim::forget`] once it is out of runnext.
    Thiefs(usize),
}

/// A thief's claim to runnext.
#[derive(Debug)]
pub(crate) struct Claim(AtomicUsize);

impl Claim {
    /// Nobody's.
    pub(crate) fn new() -> Self {
        Self(AtomicUsize::new(FREE))
    }

    /// True if nobody disputes what has just left runnext. Owner only, right after that.
    #[inline(always)]
    pub(crate) fn is_free(&self) -> bool {
        light_fence(); // pairs with the heavy fence in `steal`: One Of Them
        // Relaxed: the fence orders it; `answer` looks again.
        self.0.load(Ordering::Relaxed) == FREE
    }

    /// Whose it is, then. Owner only. A thief that has only asked gets nothing.
    pub(crate) fn answer(&self) -> Whose {
        // Acquire: pairs with the CAS in `steal`.
        let mut claim = self.0.load(Ordering::Acquire);
        loop {
            match claim {
                FREE => return Whose::Ours,
                asked if asked & ASKED != 0 => {
                    // Release: what left runnext did so before. Acquire on failure: as above.
                    let (now, then) = (Ordering::Release, Ordering::Acquire);
                    match self.0.compare_exchange(asked, FREE, now, then) {
                        Ok(_) => return Whose::Ours,
                        Err(other) => claim = other,
                    }
                }
                taken => return Whose::Thiefs(taken),
            }
        }
    }

    /// What was taken is out of runnext. Owner only.
    pub(crate) fn forget(&self) {
        // Release: pairs with the Acquire of the next thief's CAS, which then sees runnext without it.
        self.0.store(FREE, Ordering::Release);
    }

    /// True if the G at `next` was taken: for who has read that in runnext.
    pub(crate) fn has_taken(&self, next: *mut G) -> bool {
        // Acquire: what is read after this is no older.
        self.0.load(Ordering::Acquire) == next.addr()
    }

    /// Takes what `next` finds in runnext, if the owner does not. `thief` is that thief's queue.
    #[cold]
    pub(crate) fn steal(&self, thief: usize, next: impl FnOnce() -> *mut G) -> Option<*mut G> {
        let mine = thief | ASKED;
        // Acquire: pairs with the Release in `forget`. Relaxed on failure: another thief is at it.
        self.0.compare_exchange(FREE, mine, Ordering::Acquire, Ordering::Relaxed).ok()?;
        heavy_fence(); // pairs with the light fence in `is_free`
        let next = next();
        // Release: pairs with the Acquire in `answer`. Relaxed on failure: the owner refused.
        let (now, then) = (Ordering::Release, Ordering::Relaxed);
        let taken = self.0.compare_exchange(mine, next.addr(), now, then).is_ok();
        (taken && !next.is_null()).then_some(next)
    }
}
