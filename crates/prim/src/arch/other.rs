//! Words that are open, on machines for which nobody has written them, and under Miri: they keep nothing.

use super::word::OpenBytes;
use core::mem::MaybeUninit;

pub(super) const OPEN_WORDS: bool = false;

/// Nothing.
///
/// # Safety
///
/// None is asked for.
#[inline(always)]
pub(super) unsafe fn load(_at: *const OpenBytes) -> OpenBytes {
    MaybeUninit::uninit()
}

/// As [`load`].
///
/// # Safety
///
/// None is asked for.
#[inline(always)]
pub(super) unsafe fn store(_at: *mut OpenBytes, _bytes: OpenBytes) {}
