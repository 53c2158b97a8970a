//! Stacks: big mappings cut into slots of one size, each with a guard at its low end, handed out and taken back for ever.
//!
//! `take` from a [`Cache`] or from the [`depot()`], run something on it, give it back. Nothing here allocates from the heap, so a
//! runtime section may do all of it.
//!
//! ```text
//!     slot (a power of two, 64 KiB to 1 GiB)
//!     |guard|limit ............ usable, committed as touched ............ top|
//! ```
//!
//! Invariants
//! * **Slots Are For Ever**: a mapping of stacks is never unmapped and its slots never change their size.
//! * **One Owner**: a slot belongs to one `Stack` value, or to one list of idle slots, or is untouched beyond the slab's mark.
//! * **Top Words**: the words below `top` of an idle slot belong to the list it is in (`chain.rs`), all else in
//!   it is dead and may be given back to the kernel.
//! * **Guarded First**: a slot has what guard the ladder (`guard.rs`) grants it before anybody runs on it.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ops::Range;
use core::ptr::NonNull;

mod cache;
mod chain;
mod depot;
mod fresh;
mod guard;
mod size;
pub(crate) mod slab;
mod spare;

pub use cache::Cache;
pub use depot::{Depot, Stats, depot, stats, trim};
pub use guard::{GuardKind, force_guard_kind, guard_kind};
pub use size::{DefaultSizeFixed, MAX_SIZE, MIN_SIZE, default_size, parse_size, set_default_size};
pub use spare::give_spare_up;

use crate::sys;

/// Neighbouring slots that start at different cache lines.
const COLOURS: usize = 24;
const CACHE_LINE: usize = 64;

/// An owned slot to run on. Two words; give it back to a [`Cache`] or the [`depot()`].
///
/// Dropping it gives it to the depot. It may be moved to any thread.
pub struct Stack {
    /// One past the slot's highest address: where its users and the idle lists start.
    top: NonNull<u8>,
    /// The slot's size is `1 << class`.
    class: u8,
}

// SAFETY: One Owner: the slot is memory that moves with the handle; nothing in it belongs to a thread.
unsafe impl Send for Stack {}
// SAFETY: the shared methods only compute addresses.
unsafe impl Sync for Stack {}

impl Stack {
    /// The handle of the slot that ends at `top`.
    ///
    /// # Safety
    ///
    /// One Owner: the caller passes the ownership of the slot on. Guarded First holds.
    unsafe fn from_top(top: NonNull<u8>, class: u8) -> Self {
        Self { top, class }
    }

    /// Gives up the handle without giving the slot back: the caller owns it now.
    fn into_top(self) -> NonNull<u8> {
        ManuallyDrop::new(self).top
    }

    /// One past the highest usable address, 16-byte aligned.
    #[must_use]
    pub fn top(&self) -> *mut u8 {
        self.top.as_ptr()
    }

    /// Where the root frame starts: a little below the top, by a different number of cache lines for neighbouring slots.
    ///
    /// Slots lie a power of two apart, so without this the innermost frames of all of them would share a few sets of
    /// each cache: the first level takes the place of a line within its page, the second that and the page.
    /// Twenty-four lines in all: who uses 1500 bytes of his stack has one page still, in all but one slot of 24
    /// (docs/decisions/044-twenty-four-colours.md).
    pub(crate) fn start(&self) -> *mut u8 {
        self.top().wrapping_sub(below_top(self.top.addr().get(), self.class))
    }

    /// The lowest usable address, right above the guard.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.top.addr().get() - self.reserved() + sys::page()
    }

    /// Usable bytes: what was asked for, rounded up, less the guard.
    #[must_use]
    pub fn size(&self) -> usize {
        self.reserved() - sys::page()
    }

    /// The bytes reserved for this stack, the guard included: the size it was taken by, rounded up.
    #[must_use]
    pub fn reserved(&self) -> usize {
        1 << self.class
    }

    /// The usable addresses.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.limit()..self.top.addr().get()
    }

    /// Whether `addr` is a usable address of this stack.
    #[must_use]
    pub fn contains(&self, addr: usize) -> bool {
        self.range().contains(&addr)
    }
}

/// How far below its top the slot's root frame starts.
fn below_top(top: usize, class: u8) -> usize {
    (top >> class) % COLOURS * CACHE_LINE
}

/// Where the root frame starts on a stack with that usable range. None if no stack has that one.
pub(crate) fn start_of(range: &Range<usize>) -> Option<usize> {
    let reserved = range.end.checked_sub(range.start)? + sys::page();
    let class = reserved.is_power_of_two().then(|| reserved.trailing_zeros() as u8)?;
    Some(range.end - below_top(range.end, class))
}

/// All mappings that hold stacks. Lock-free.
pub fn mappings() -> impl Iterator<Item = Range<usize>> {
    slab::entries().map(|(base, slots, class)| base..base + (slots << class))
}

/// The usable range of the stack that `addr` is a usable address of. Lock-free.
#[must_use]
pub fn range_around(addr: usize) -> Option<Range<usize>> {
    let slot = slab::find(addr)?;
    let range = slot.base + sys::page()..slot.base + slot.size;
    range.contains(&addr).then_some(range)
}

impl Drop for Stack {
    fn drop(&mut self) {
        // SAFETY: One Owner: this handle owns the slot and ends here.
        unsafe { depot().give_slot(self.top, self.class) };
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stack[{:#x}, {:#x}]", self.limit(), self.top.addr())
    }
}
