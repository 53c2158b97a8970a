//! Address space that is kept for the last report of a process that has used up all other: its names are read from files that
//! are mapped for that, and its text takes memory. It costs nothing until then.
//!
//! *Given Up Once*: who takes the address out of `SPARE` is alone with the mapping.

use core::ptr::null_mut;
use std::sync::Once;

use crate::sync::{AtomicPtr, Ordering};
use crate::sys;

/// The debug information of a large program, and what is made of it.
const SPARE_BYTES: usize = 128 << 20;
/// Kept only by who may have so many times as much.
const SHARE: u64 = 8;

static SPARE: AtomicPtr<u8> = AtomicPtr::new(null_mut());
static KEPT: Once = Once::new();

/// Keeps it from the first call on, if there is much more.
pub(super) fn keep() {
    KEPT.call_once(|| {
        if sys::address_space() / SHARE < SPARE_BYTES as u64 {
            return;
        }
        let place = sys::reserve_untouchable(SPARE_BYTES).unwrap_or(null_mut());
        SPARE.store(place, Ordering::Relaxed); // Relaxed: an address alone; nothing is written there
    });
}

/// The process is about to report why it ends: what was kept is free for that. Async-signal-safe.
pub fn give_spare_up() {
    let place = SPARE.swap(null_mut(), Ordering::Relaxed); // Relaxed: as in `keep`
    if !place.is_null() {
        // SAFETY: Given Up Once: `keep` made exactly this mapping, and nobody uses it.
        unsafe { sys::release(place, SPARE_BYTES) };
    }
}
