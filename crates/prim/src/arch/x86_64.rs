//! Words that are open, on x86-64.
//!
//! *One Access* is the invariant of `word`.

use super::word::OpenBytes;
use core::arch::asm;
use core::mem::MaybeUninit;

pub(super) const OPEN_WORDS: bool = true;

/// One load.
///
/// # Safety
///
/// `at` is aligned and stays.
#[inline(always)]
pub(super) unsafe fn load(at: *const OpenBytes) -> OpenBytes {
    let mut bytes: OpenBytes = MaybeUninit::uninit();
    // SAFETY: One Access, of a place that is there.
    unsafe {
        asm!(
            "mov {bytes}, qword ptr [{at}]",
            at = in(reg) at,
            bytes = lateout(reg) bytes,
            options(nostack, preserves_flags, readonly),
        );
    }
    bytes
}

/// One store.
///
/// # Safety
///
/// As for [`load`], and the place may be written.
#[inline(always)]
pub(super) unsafe fn store(at: *mut OpenBytes, bytes: OpenBytes) {
    // SAFETY: One Access, of a place that is there.
    unsafe {
        asm!(
            "mov qword ptr [{at}], {bytes}",
            at = in(reg) at,
            bytes = in(reg) bytes,
            options(nostack, preserves_flags),
        );
    }
}
