//! How many of a bubble are awake (`bubble/`): who comes to zero acts.
//!
//! | from | to | by |
//! |---|---|---|
//! | n | n + 1 | who readies a member, before it does; who starts one; who finds the zero, for the driver |
//! | n | n - 1 | a member that waits, once it can be found; one that ends; the driver, when it has acted |
//!
//! *Never Too Low*: each wait takes one, and who ends it gives it back before the member runs. So between
//! the two the sum may be too high, never too low; and at zero nobody is awake, nor about to be woken by
//! a member.

use gaggle_prim::sync::atomic::{AtomicUsize, Ordering};

/// The count of those who are awake, and of the driver while it acts.
#[derive(Debug)]
pub struct Awake(AtomicUsize);

/// What a count down found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "who finds nobody awake must call the driver"]
pub enum Left {
    /// Somebody is awake.
    Some,
    /// Nobody is: the caller acts, or has somebody act.
    Nobody,
}

impl Awake {
    /// Nobody.
    pub fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// One more is awake, before it runs.
    #[inline]
    pub fn one_more(&self) {
        // Acquire: pairs with the Release in `one_less`, so who is woken sees what they did who wait
        // now (SEMANTICS W10).
        self.0.fetch_add(1, Ordering::Acquire);
    }

    /// One that was awake is not.
    #[inline]
    pub fn one_less(&self) -> Left {
        // AcqRel: pairs with itself and with the Acquires in `one_more` and `count`.
        if self.0.fetch_sub(1, Ordering::AcqRel) == 1 { Left::Nobody } else { Left::Some }
    }

    /// How many are awake.
    pub fn count(&self) -> usize {
        // Acquire: pairs with the Release in `one_less`.
        self.0.load(Ordering::Acquire)
    }

    /// Nobody is, whatever was counted. For who has the bubble to itself.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed); // Relaxed: nobody else is there
    }
}

impl Default for Awake {
    fn default() -> Self {
        Self::new()
    }
}
