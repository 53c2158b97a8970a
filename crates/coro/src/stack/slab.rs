//! The table of all mappings that hold stacks: what a signal handler asks to know whose an address is.
//!
//! Invariants
//! * **Only Grows**: an entry is written once, its `base` last (Release), and never changes. So readers take no lock.
//! * **Slots Are For Ever** (`stack/mod.rs`): an address found here stays a slot of that size.

use core::ptr;
use std::io;

use super::size::{MAX_CLASS, MIN_CLASS};
use super::spare;
use crate::sync::{AtomicPtr, AtomicU8, AtomicUsize, Ordering};
use crate::sys;

/// Mappings of stacks a process can have. Each class doubles, so a class that starts with 64 slots has a million after
/// 14; the rest is for other sizes and for systems that refuse big mappings.
const SLABS: usize = 512;

/// Bytes in the first mapping of a class.
const FIRST: usize = 16 << 20;
/// No mapping is bigger than this, lest doubling runs into the end of the address space.
const BIGGEST: usize = 1 << 42;

struct Entry {
    base: AtomicPtr<u8>,
    slots: AtomicUsize,
    class: AtomicU8,
}

static TABLE: [Entry; SLABS] = [const {
    Entry {
        base: AtomicPtr::new(ptr::null_mut()),
        slots: AtomicUsize::new(0),
        class: AtomicU8::new(0),
    }
}; SLABS];
/// Entries given out; may run past `SLABS` when the table is full.
static USED: AtomicUsize = AtomicUsize::new(0);

/// A run of slots that nobody has used yet.
pub(super) struct Untouched {
    /// Lowest address of the first of them.
    pub(super) base: *mut u8,
    pub(super) slots: usize,
}

/// The slot an address lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Its lowest address; the guard starts there.
    pub(crate) base: usize,
    /// Its length.
    pub(crate) size: usize,
}

/// Maps a new slab for `class` with twice the slots of the `former` one, fewer if the system refuses.
///
/// # Errors
///
/// Not even one slot could be mapped, or the table is full.
pub(super) fn map(class: u8, former: usize) -> io::Result<Untouched> {
    debug_assert!((MIN_CLASS..=MAX_CLASS).contains(&class));
    spare::keep();
    let first = (FIRST >> class).max(1);
    let most = (BIGGEST >> class).max(1);
    let mut slots = (former * 2).clamp(first, most);
    let base = loop {
        match sys::reserve(slots << class) {
            Ok(base) => break base,
            Err(error) if slots == 1 => return Err(error),
            Err(_) => slots /= 2,
        }
    };
    // SAFETY: Ours. A huge page would make 2 MiB resident for the first touch of one stack; refusal costs only that.
    unsafe { sys::advise(base, slots << class, libc::MADV_NOHUGEPAGE) };
    if enter(base, slots, class) {
        return Ok(Untouched { base, slots });
    }
    // SAFETY: just mapped, told to nobody.
    unsafe { sys::release(base, slots << class) };
    Err(io::Error::from_raw_os_error(libc::ENOMEM))
}

/// Puts a mapping into the table; false if it is full.
fn enter(base: *mut u8, slots: usize, class: u8) -> bool {
    // Relaxed: only hands out indices; the entry is published by its base.
    let at = USED.fetch_add(1, Ordering::Relaxed);
    let Some(entry) = TABLE.get(at) else { return false };
    // Relaxed: published by the store to `base` below.
    entry.slots.store(slots, Ordering::Relaxed);
    // Relaxed: likewise.
    entry.class.store(class, Ordering::Relaxed);
    // Release: pairs with the Acquire in `entries`.
    entry.base.store(base, Ordering::Release);
    true
}

/// All slabs so far as (lowest address, slots, class).
pub(super) fn entries() -> impl Iterator<Item = (usize, usize, u8)> {
    // Relaxed: an upper bound; entries not yet published are skipped by their null base.
    let used = USED.load(Ordering::Relaxed).min(SLABS);
    TABLE[..used].iter().filter_map(|entry| {
        // Acquire: pairs with the Release in `enter`.
        let base = entry.base.load(Ordering::Acquire);
        // Relaxed: written before the base we saw.
        let slots = entry.slots.load(Ordering::Relaxed);
        // Relaxed: likewise.
        let class = entry.class.load(Ordering::Relaxed);
        (!base.is_null()).then_some((base.addr(), slots, class))
    })
}

/// The slot `addr` lies in, guard included. Lock-free and async-signal-safe.
pub(crate) fn find(addr: usize) -> Option<Slot> {
    entries().find_map(|(base, slots, class)| {
        let index = addr.checked_sub(base)? >> class;
        (index < slots).then_some(Slot { base: base + (index << class), size: 1 << class })
    })
}

/// How many slabs there are and how many bytes of address space they reserve.
pub(super) fn totals() -> (usize, usize) {
    entries()
        .fold((0, 0), |(slabs, bytes), (_, slots, class)| (slabs + 1, bytes + (slots << class)))
}
