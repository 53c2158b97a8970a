//! What stops a stack from growing into its neighbour: a ladder of three kinds of guard, the best the kernel grants.
//!
//! | rung | how | costs | promise |
//! |---|---|---|---|
//! | `Install` | `MADV_GUARD_INSTALL` (Linux 6.13) | 0.3 us, no mapping | every stack guarded |
//! | `Protect` | `mprotect` | two mappings each, from a budget | every stack guarded while the budget lasts |
//! | `Shared` | one `mprotect` per group of 64 slots | two mappings per group | see [`GuardKind::Shared`] |
//!
//! Invariants
//! * **Only Falls**: the rung in force changes by itself only downwards; slots keep the guard they have.
//! * **Budget**: at least a quarter of `max_map_count` is left to the rest of the program.

use crate::sync::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use crate::sys;

/// A rung of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum GuardKind {
    /// Each stack has a guard that costs no mapping.
    Install = 1,
    /// Each stack has a guard that splits the mapping.
    Protect = 2,
    /// Groups of stacks share one guard below their lowest. The weaker promise: an overflow of another stack in the
    /// group runs into the stack below it before anything notices. It is found when the overflowed stack is given back
    /// (its lowest page was touched) and ends the process then.
    Shared = 3,
}

/// Slots per shared guard.
pub(super) const GROUP: usize = 64;

/// The rung in force; 0 while undecided.
static RUNG: AtomicU8 = AtomicU8::new(0);
/// Guards that may still be made by splitting mappings; `UNKNOWN` until somebody counted.
static BUDGET: AtomicUsize = AtomicUsize::new(UNKNOWN);
/// What the budget may not fall below on the `Protect` rung: the share of `Shared`.
static RESERVE: AtomicUsize = AtomicUsize::new(0);
const UNKNOWN: usize = usize::MAX;
/// Guards made by splitting mappings.
static SPLITS: AtomicUsize = AtomicUsize::new(0);
/// Whether any stack shares its guard, so that giving back must look.
static SHARING: AtomicBool = AtomicBool::new(false);

/// The rung new stacks get their guards from.
#[must_use]
pub fn guard_kind() -> GuardKind {
    // Relaxed: any value is right for somebody; a lower rung is found by trying.
    match RUNG.load(Ordering::Relaxed) {
        0 => decide(),
        2 => GuardKind::Protect,
        3 => GuardKind::Shared,
        _ => GuardKind::Install,
    }
}

/// The first look: `GAGGLE_DEBUG=guard=...`, else the best; the first `madvise` finds out whether it exists.
#[cold]
fn decide() -> GuardKind {
    let kind = sys::with_env(c"GAGGLE_DEBUG", asked).flatten().unwrap_or(GuardKind::Install);
    // Relaxed: as in `guard_kind`. A rung somebody else decided meanwhile stays.
    let _ = RUNG.compare_exchange(0, kind as u8, Ordering::Relaxed, Ordering::Relaxed);
    kind
}

/// The value of `guard=` in a comma separated list.
fn asked(list: &[u8]) -> Option<GuardKind> {
    let value = |word: &[u8]| word.trim_ascii().strip_prefix(b"guard=").and_then(GuardKind::named);
    list.split(|&byte| byte == b',').find_map(value)
}

impl GuardKind {
    /// The rung that a value of `GAGGLE_DEBUG=guard=` means: `install`, `mprotect` or `shared`.
    #[must_use]
    pub fn named(value: &[u8]) -> Option<GuardKind> {
        match value {
            b"install" => Some(GuardKind::Install),
            b"mprotect" => Some(GuardKind::Protect),
            b"shared" => Some(GuardKind::Shared),
            _ => None,
        }
    }
}

/// Puts stacks that are handed out for the first time from now on onto this rung; `budget` replaces the number of guards
/// that may split mappings. For tests of the ladder.
#[doc(hidden)]
pub fn force_guard_kind(kind: GuardKind, budget: Option<usize>) {
    if let Some(budget) = budget {
        // Relaxed: counters; tests call this before they take stacks.
        RESERVE.store(budget / 4, Ordering::Relaxed);
        BUDGET.store(budget, Ordering::Relaxed);
    }
    // Relaxed: as in `guard_kind`.
    RUNG.store(kind as u8, Ordering::Relaxed);
}

/// Goes down to `kind` unless the rung is already that low.
fn fall_to(kind: GuardKind) {
    // Relaxed: as in `guard_kind`; the maximum makes Only Falls true.
    RUNG.fetch_max(kind as u8, Ordering::Relaxed);
}

/// Makes the guard of a slot nobody has used yet (Guarded First). `index` is its place in its slab.
///
/// # Safety
///
/// The page at `base` is the lowest of such a slot.
pub(super) unsafe fn install(base: *mut u8, index: usize) {
    if guard_kind() == GuardKind::Install {
        // SAFETY: Ours, unused; the marker takes the page away from everybody.
        if unsafe { sys::advise(base, sys::page(), sys::MADV_GUARD_INSTALL) } {
            return;
        }
        fall_to(GuardKind::Protect);
    }
    // SAFETY: passed on.
    unsafe { install_lower(base, index) };
}

/// The rungs that split mappings.
#[cold]
unsafe fn install_lower(base: *mut u8, index: usize) {
    if guard_kind() == GuardKind::Protect {
        // SAFETY: passed on.
        if unsafe { split(base, reserve()) } {
            return;
        }
        fall_to(GuardKind::Shared);
    }
    if index.is_multiple_of(GROUP) {
        // SAFETY: passed on.
        if unsafe { split(base, 0) } {
            return;
        }
    }
    // SAFETY: passed on. Beneath the lowest of a slab is memory of somebody else's, so it is tried whatever the budget says.
    if index == 0 && unsafe { guarded(base) } {
        return;
    }
    // Relaxed: pairs with nothing; the stack reaches other threads by ways that order this store too.
    SHARING.store(true, Ordering::Relaxed);
}

/// One guard out of the budget, if that leaves more than `floor`.
unsafe fn split(base: *mut u8, floor: usize) -> bool {
    let spend = |left: usize| if left > floor { Some(left - 1) } else { None };
    count_budget();
    // Relaxed both: a counter.
    if BUDGET.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_err() {
        return false;
    }
    // SAFETY: passed on.
    unsafe { guarded(base) }
}

/// One guard that costs a mapping, if the system allows it.
unsafe fn guarded(base: *mut u8) -> bool {
    // SAFETY: Ours, unused; the slot's users never touch their guard but to fault.
    let made = unsafe { sys::protect(base, sys::page()) };
    if made {
        // Relaxed: a statistic.
        SPLITS.fetch_add(1, Ordering::Relaxed);
    }
    made
}

fn reserve() -> usize {
    count_budget();
    // Relaxed: written before the budget stopped being UNKNOWN, or a moment later; a small number either way.
    RESERVE.load(Ordering::Relaxed)
}

/// Mappings that Linux allows a process if nobody says otherwise.
const USUAL: usize = 65_530;

/// Fills in the budget from what the system allows and the process already has.
fn count_budget() {
    // Relaxed: a number, recomputed alike by racers.
    if BUDGET.load(Ordering::Relaxed) != UNKNOWN {
        return;
    }
    let mut told = None::<usize>;
    sys::read_pieces(c"/proc/sys/vm/max_map_count", |piece| {
        for byte in piece.iter().filter(|byte| byte.is_ascii_digit()) {
            let digit = usize::from(byte - b'0');
            told = Some(told.unwrap_or(0).saturating_mul(10).saturating_add(digit));
        }
    });
    let allowed = told.unwrap_or(USUAL); // without /proc
    let mut present = 0;
    sys::read_pieces(c"/proc/self/maps", |piece| {
        present += piece.iter().filter(|&&byte| byte == b'\n').count();
    });
    let budget = (allowed - allowed / 4).saturating_sub(present) / 2;
    // Relaxed: published together with the budget only loosely; see `reserve`.
    RESERVE.store(budget / 4, Ordering::Relaxed);
    // Relaxed: the first one in wins; later ones may have spent from it already.
    let _ = BUDGET.compare_exchange(UNKNOWN, budget, Ordering::Relaxed, Ordering::Relaxed);
}

/// Guards that cost mappings so far.
pub(super) fn splits() -> usize {
    // Relaxed: a statistic.
    SPLITS.load(Ordering::Relaxed)
}

/// Looks at a stack that comes back, where guards are shared: its lowest page belongs to nobody, so a page there means that it
/// overflowed.
///
/// # Safety
///
/// `base` is the lowest address of a slot that nothing runs on.
#[inline]
pub(super) unsafe fn check(base: *mut u8, size: usize) {
    // Relaxed: see `install_lower`.
    if SHARING.load(Ordering::Relaxed) {
        // SAFETY: passed on.
        unsafe { check_shared(base, size) };
    }
}

#[cold]
unsafe fn check_shared(base: *mut u8, size: usize) {
    // SAFETY: Ours, the start of a page.
    if unsafe { sys::is_resident(base) } {
        crate::overflow::found_late(size);
    }
}
