//! The process-wide store of idle stacks, one shelf per size, and where new ones come from.
//!
//! Invariants: those of `stack/mod.rs`, and
//! * **Short** (`spin.rs`): a shelf's lock is held for a few links, or for one `mmap` when the shelf doubles its slots. Advice to
//!   the kernel about single stacks is given outside of it, on stacks taken off the shelf.

use core::ptr::NonNull;
use std::io;

use super::chain::{Chain, Chains};
use super::fresh::Fresh;
use super::size::{CLASSES, MAX_CLASS, MIN_CLASS, class_of};
use super::{Stack, guard, slab};
use crate::spin::Spin;
use crate::sys;

/// Stacks `trim` looks at for each one it may trim: most were used only in their top page.
const LOOKS: usize = 8;

/// All idle stacks of the process.
pub struct Depot {
    shelves: [Spin<Shelf>; CLASSES],
}

/// The idle stacks of one size.
struct Shelf {
    /// Used since they were last looked at.
    warm: Chains,
    /// Looked at: only their top page is resident.
    trimmed: Chains,
    /// Stacks in both lists.
    idle: usize,
    /// The part of the newest slab that nobody has used.
    fresh: Fresh,
    /// Slots in the newest slab; the next has twice as many.
    slab: usize,
    /// Slots ever handed out.
    carved: usize,
}

static DEPOT: Depot = Depot { shelves: [const { Spin::new(Shelf::new()) }; CLASSES] };

/// The depot of the process.
#[must_use]
pub fn depot() -> &'static Depot {
    &DEPOT
}

impl Shelf {
    const fn new() -> Self {
        Self {
            warm: Chains::new(),
            trimmed: Chains::new(),
            idle: 0,
            fresh: Fresh::new(),
            slab: 0,
            carved: 0,
        }
    }

    fn pop_one(&mut self) -> Option<NonNull<u8>> {
        let top = self.warm.pop_one().or_else(|| self.trimmed.pop_one())?;
        self.idle -= 1;
        Some(top)
    }

    fn pop_chain(&mut self) -> Option<Chain> {
        let chain = self.warm.pop().or_else(|| self.trimmed.pop())?;
        self.idle -= chain.len();
        Some(chain)
    }

    /// Up to `count` slots nobody has used, from a new slab if need be.
    fn carve(&mut self, count: usize, class: u8) -> io::Result<Fresh> {
        if self.fresh.len() == 0 {
            let slab = slab::map(class, self.slab)?;
            self.slab = slab.slots;
            self.fresh = Fresh::of_slab(slab.base, slab.slots);
        }
        let cut = self.fresh.cut(count, class);
        let cut = cut.ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))?;
        self.carved += cut.len();
        Ok(cut)
    }
}

impl Depot {
    /// A stack of at least `size` bytes, guard included: an idle one, else a new one.
    ///
    /// # Errors
    ///
    /// `InvalidInput` if `size` is beyond [`MAX_SIZE`](super::MAX_SIZE); else what `mmap` said.
    pub fn take(&self, size: usize) -> io::Result<Stack> {
        let class = class_of(size).ok_or(io::ErrorKind::InvalidInput)?;
        let mut shelf = self.shelf(class).lock();
        let top = match shelf.pop_one() {
            Some(top) => Some(top),
            None => {
                let mut fresh = shelf.carve(1, class)?;
                drop(shelf);
                fresh.next(class)
            }
        };
        let top = top.ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))?;
        // SAFETY: One Owner: it just left the shelf. Guarded First: by `next`, now or in its first life.
        Ok(unsafe { Stack::from_top(top, class) })
    }

    /// Takes a stack back. Nothing may run on it any more.
    pub fn give(&self, stack: Stack) {
        let class = stack.class;
        // SAFETY: One Owner: the handle is used up here.
        unsafe { self.give_slot(stack.into_top(), class) };
    }

    /// Takes a slot back.
    ///
    /// # Safety
    ///
    /// One Owner: the caller owned it; it is of that class.
    pub(super) unsafe fn give_slot(&self, top: NonNull<u8>, class: u8) {
        // SAFETY: the slot is whole and nothing runs on it.
        unsafe { guard::check(top.as_ptr().wrapping_sub(1 << class), 1 << class) };
        let mut chain = Chain::new();
        // SAFETY: passed on.
        unsafe { chain.push(top) };
        self.give_chain(chain, class);
    }

    pub(super) fn give_chain(&self, chain: Chain, class: u8) {
        let mut shelf = self.shelf(class).lock();
        shelf.idle += chain.len();
        shelf.warm.push(chain);
    }

    pub(super) fn take_chain(&self, class: u8) -> Option<Chain> {
        self.shelf(class).lock().pop_chain()
    }

    pub(super) fn carve(&self, count: usize, class: u8) -> io::Result<Fresh> {
        self.shelf(class).lock().carve(count, class)
    }

    fn shelf(&self, class: u8) -> &Spin<Shelf> {
        &self.shelves[usize::from(class - MIN_CLASS)]
    }

    /// Trims idle stacks of one size; how many were trimmed, of `max` at most.
    fn trim_class(&self, class: u8, max: usize) -> usize {
        let mut trimmed = 0;
        let mut looks = max.saturating_mul(LOOKS);
        while trimmed < max && looks > 0 {
            let chain = self.shelf(class).lock().warm.pop();
            let Some(mut chain) = chain else { break };
            let mut done = Chain::new();
            while trimmed < max && looks > 0 {
                let Some(top) = chain.pop() else { break };
                // SAFETY: One Owner: it is off the shelf, in our hands.
                trimmed += usize::from(unsafe { trim_slot(top, class) });
                // SAFETY: likewise.
                unsafe { done.push(top) };
                looks -= 1;
            }
            let mut shelf = self.shelf(class).lock();
            shelf.trimmed.push(done);
            shelf.warm.push(chain);
        }
        trimmed
    }
}

impl core::fmt::Debug for Depot {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Depot").field("stats", &stats()).finish()
    }
}

/// Gives the pages below the top one back to the kernel if there are any; whether there were.
///
/// # Safety
///
/// One Owner: the caller owns the slot and keeps nothing in it but Top Words.
unsafe fn trim_slot(top: NonNull<u8>, class: u8) -> bool {
    let page = sys::page();
    let kept = top.as_ptr().wrapping_sub(page);
    // Stacks grow downwards and big frames are probed page by page, so the second page tells for all.
    // SAFETY: Ours, the start of a page.
    if !unsafe { sys::is_resident(kept.wrapping_sub(page)) } {
        return false;
    }
    let len = (1 << class) - 2 * page;
    // SAFETY: Ours; the caller says that what lies between guard and top page is dead.
    unsafe { sys::advise(kept.wrapping_sub(len), len, libc::MADV_DONTNEED) }
}

/// Gives memory of up to `max` idle stacks of the [`depot()`] back to the kernel: those that were used below their top page.
///
/// Says how many that were. Each costs about a microsecond, so call it in small batches from a thread that has time.
/// The top page stays: the next user finds it warm.
pub fn trim(max: usize) -> usize {
    (MIN_CLASS..=MAX_CLASS).fold(0, |done, class| done + DEPOT.trim_class(class, max - done))
}

/// What the stacks of the process cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Mappings made for stacks.
    pub slabs: usize,
    /// Kernel mappings they take: the slabs, and two for each guard that splits one.
    pub mappings: usize,
    /// Stacks that are handed out, or wait in a [`Cache`](super::Cache).
    pub live: usize,
    /// Stacks in the depot.
    pub idle: usize,
    /// Bytes of address space.
    pub reserved: usize,
}

/// Counts what there is; the numbers of different sizes are from slightly different moments.
#[must_use]
pub fn stats() -> Stats {
    let (slabs, reserved) = slab::totals();
    let mappings = slabs + 2 * guard::splits();
    let mut stats = Stats { slabs, mappings, reserved, ..Stats::default() };
    for shelf in &DEPOT.shelves {
        let shelf = shelf.lock();
        stats.idle += shelf.idle;
        stats.live += shelf.carved - shelf.idle;
    }
    stats
}
