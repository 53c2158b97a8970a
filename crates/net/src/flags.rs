//! Who accepts by the flag of a listener, and who takes that flag away.
//!
//! The flag is of the socket, and several listeners may stand for one. If it goes between an accept's look and its call, the
//! call waits in the kernel, where neither a deadline nor `close` ends it.
//!
//! *Flag Outlasts*: an accept counts itself, and then looks whether what it knows of flags is still so; only if it is does
//! it go by the flag. Who takes a flag away says so first, and then waits until nobody is counted. Each side has a full fence
//! between. So either the accept sees that a flag goes, or it is seen, and is over before.
//!
//! *Nobody Is Counted Long*: what is counted does not wait; and who sees that a flag goes is not counted, so a thread is
//! counted in vain at most once while one does. Whoever takes one away waits for no more than that, under any load.

use gaggle_prim::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use gaggle_prim::{CachePadded, MODEL, fence_after_rmw, full_fence};

/// Listeners whose numbers differ by this are counted together.
const PLACES: usize = if MODEL { 1 } else { 32 };

/// How many flags go at present: the lower half of the word of changes.
const GOES: u64 = 1;
/// How many have gone: the upper half.
const GONE: u64 = 1 << 32;

/// What is known of flags that were taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known(u64);

impl Known {
    /// As long as none was.
    pub(crate) const NONE: Known = Known(0);

    pub(crate) const fn from_bits(bits: u64) -> Known {
        Known(bits)
    }

    pub(crate) const fn bits(self) -> u64 {
        self.0
    }

    /// True if none goes just now: then what is known will be seen to change.
    pub(crate) const fn is_settled(self) -> bool {
        self.0.is_multiple_of(GONE)
    }
}

/// All listeners' flags.
#[derive(Debug)]
pub(crate) struct Flags {
    changes: AtomicU64,
    accepts: [CachePadded<AtomicU32>; PLACES],
}

/// An accept that goes by the flag, or is about to.
struct Counted<'a>(&'a AtomicU32);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release); // pairs with the Acquire in `take`: the call is over
    }
}

impl Flags {
    #[cfg(not(loom))] // loom's atomics have no const constructors
    pub(crate) const fn new() -> Self {
        let accepts = [const { CachePadded::new(AtomicU32::new(0)) }; PLACES];
        Self { changes: AtomicU64::new(Known::NONE.bits()), accepts }
    }

    #[cfg(loom)] // as above
    pub(crate) fn new() -> Self {
        let accepts = core::array::from_fn(|_| CachePadded::new(AtomicU32::new(0)));
        Self { changes: AtomicU64::new(Known::NONE.bits()), accepts }
    }

    /// What is to be known before a flag is looked for.
    pub(crate) fn known(&self) -> Known {
        // Acquire: pairs with the Release in `take`: a flag that has gone is seen to be gone.
        Known(self.changes.load(Ordering::Acquire))
    }

    /// Does `call` by the flag of listener `at`, unless a flag goes, or has gone since it was looked for.
    #[inline]
    pub(crate) fn by_flag<T>(
        &self,
        at: usize,
        known: Known,
        call: impl FnOnce() -> T,
    ) -> Option<T> {
        // Relaxed: Nobody Is Counted Long; what counts is the look below.
        if self.changes.load(Ordering::Relaxed) != known.bits() {
            return None;
        }
        let accepts = &self.accepts[at % PLACES];
        accepts.fetch_add(1, Ordering::AcqRel); // a read-modify-write for the fence: Flag Outlasts
        fence_after_rmw(); // pairs with the one in `take`
        let _counted = Counted(accepts);
        // Relaxed: the fence orders it.
        (self.changes.load(Ordering::Relaxed) == known.bits()).then(call)
    }

    /// Does `take`, which takes a flag away, when nobody goes by it any more. Until then it does `pause` again and again.
    pub(crate) fn take(&self, pause: impl Fn(), take: impl FnOnce()) {
        self.changes.fetch_add(GOES, Ordering::Relaxed); // Relaxed: the fence orders it
        full_fence(); // pairs with the one in `by_flag`: Flag Outlasts
        for accepts in &self.accepts {
            // Acquire: pairs with the Release of `Counted`.
            while accepts.load(Ordering::Acquire) != 0 {
                pause();
            }
        }
        take();
        self.changes.fetch_add(GONE - GOES, Ordering::Release); // pairs with the Acquire in `known`
    }
}
