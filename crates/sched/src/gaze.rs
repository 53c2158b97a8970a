//! The monitor's gaze: whether it looks around just now, and may take a P.
//!
//! Nothing gives a P back that is taken from a run that is replayed. So the monitor says that it looks before it sees whether a run
//! is there, and does not look if one is; and who begins a run says so before it sees whether the monitor looks, and waits until
//! it does not.
//!
//! *One Sees The Other*: each side writes its word and reads the other's, with a full fence between.

use gaggle_prim::full_fence;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};

const RESTS: u32 = 0;
const LOOKS: u32 = 1;

/// Written by the monitor alone.
#[derive(Debug)]
pub struct Gaze(AtomicU32);

impl Gaze {
    /// It rests.
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub const fn new() -> Self {
        Self(AtomicU32::new(RESTS))
    }

    /// It rests.
    #[cfg(loom)] // as above
    pub fn new() -> Self {
        Self(AtomicU32::new(RESTS))
    }

    /// The monitor is about to look around, if it sees after this that no run is there.
    pub fn begin(&self) {
        self.0.store(LOOKS, Ordering::Relaxed); // Relaxed: the fence orders it
        full_fence(); // pairs with the one in `is_on`: One Sees The Other
    }

    /// It looks no more.
    pub fn end(&self) {
        // Release: pairs with the Acquire in `is_on`: what it took is seen to be taken.
        self.0.store(RESTS, Ordering::Release);
    }

    /// True if the monitor may be about to take a P. Once false, asked after a run has said that it is there, it stays so until
    /// that run is over.
    pub fn is_on(&self) -> bool {
        full_fence(); // pairs with the one in `begin`
        // Acquire: pairs with the Release in `end`.
        self.0.load(Ordering::Acquire) == LOOKS
    }
}

#[cfg(not(loom))]
impl Default for Gaze {
    fn default() -> Self {
        Self::new()
    }
}
