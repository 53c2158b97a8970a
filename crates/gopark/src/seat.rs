//! What gopark owns per thread: the depth of runtime sections, the M's word, the current G.
//!
//! | field | written by | read by |
//! |---|---|---|
//! | `depth` | its own thread, plain stores | its own thread; the monitor, after a heavy fence |
//! | `word` | see [`MWord`] | anyone |
//! | `g` | its own thread, in a section | its own thread; the monitor, after a heavy fence |
//!
//! *Seat Outlives*: a seat is the first field of an M or of a pooled thread record; neither is
//! ever freed.

mod word;

use crate::g::GRef;
use core::fmt;
use core::ptr::NonNull;
use gaggle_prim::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
pub(crate) use word::anybody_asked;
pub use word::{Granted, Look, MState, MWord};

/// Whose seat it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatKind {
    /// A plain OS thread: sections are counted, nothing else.
    Thread,
    /// An M of the scheduler.
    Machine,
}

/// One thread's place in the runtime.
pub struct Seat {
    kind: SeatKind,
    depth: AtomicU32,
    word: MWord,
    g: AtomicPtr<crate::G>,
}

impl Seat {
    /// A seat outside any section, without a P and without a G.
    pub fn new(kind: SeatKind) -> Self {
        Self {
            kind,
            depth: AtomicU32::new(0),
            word: MWord::new(),
            g: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// Whose seat it is.
    #[inline]
    pub fn kind(&self) -> SeatKind {
        self.kind
    }

    /// The M's word.
    #[inline]
    pub fn word(&self) -> &MWord {
        &self.word
    }

    /// How many sections are open on this thread.
    #[inline]
    pub fn depth(&self) -> u32 {
        // Relaxed: the owner's own counter; the monitor orders its look by a heavy fence.
        self.depth.load(Ordering::Relaxed)
    }

    /// Sets the depth. Only its own thread.
    #[inline]
    pub(crate) fn set_depth(&self, depth: u32) {
        // Release: pairs with the Acquire in `look_outside`: what the section did is done. The
        // light fence of `enter` orders the other direction.
        self.depth.store(depth, Ordering::Release);
    }

    /// Sees the M outside the runtime: what the monitor may act on (Looks Expire). The word must
    /// not be at `RUN`, and a heavy fence must lie between the moment it left `RUN` and this call.
    pub fn look_outside(&self) -> Option<Look> {
        let look = self.word.look();
        // Acquire: pairs with the Release in `set_depth`.
        (self.depth.load(Ordering::Acquire) == 0).then_some(look)
    }

    /// Sees the M inside the runtime, for itself: its own thread, at the beginning of its outermost
    /// section, once it has come in. Nobody else has a look that has not expired.
    pub fn look_inside(&self) -> Look {
        self.word.look()
    }

    /// The G this thread runs.
    #[inline]
    pub fn g(&self) -> Option<GRef> {
        // Relaxed: the owner's own field.
        let g = NonNull::new(self.g.load(Ordering::Relaxed))?;
        // SAFETY: Made From The Container: only `set_g` stores here, from a GRef.
        Some(unsafe { GRef::new(g) })
    }

    /// Sets the G this thread runs. Only its own thread, inside a section.
    #[inline]
    pub fn set_g(&self, g: Option<GRef>) {
        if let Some(g) = g {
            g.strand().runs();
        }
        let g = g.map_or(core::ptr::null_mut(), |g| g.as_ptr().as_ptr());
        // Relaxed: only this thread writes; the monitor orders its look by a heavy fence.
        self.g.store(g, Ordering::Relaxed);
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat")
            .field("kind", &self.kind)
            .field("depth", &self.depth())
            .field("word", &self.word)
            .finish_non_exhaustive()
    }
}
