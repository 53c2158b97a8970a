//! The functions of the sanitizer's runtime library. None of them keeps the pointer, and none reads
//! through it: an address is a name.

use crate::Access;
use core::ffi::{CStr, c_char, c_int, c_void};

unsafe extern "C" {
    fn __tsan_acquire(place: *mut c_void);
    fn __tsan_release(place: *mut c_void);
    fn __tsan_read8(place: *mut c_void);
    fn __tsan_write8(place: *mut c_void);
    fn __tsan_atomic8_store(place: *mut u8, value: u8, order: c_int);
    fn __tsan_atomic64_load(place: *const u64, order: c_int) -> u64;
    fn __tsan_atomic64_fetch_or(place: *const u64, bits: u64, order: c_int) -> u64;
    fn __tsan_ignore_thread_begin();
    fn __tsan_ignore_thread_end();
    fn AnnotateIgnoreSyncBegin(file: *const c_char, line: c_int);
    fn AnnotateIgnoreSyncEnd(file: *const c_char, line: c_int);
    fn getenv(name: *const c_char) -> *const c_char;
}

/// True if `name` is `value` in the environment. Allocates nothing: the first to ask may be in a section.
pub(super) fn is_set_to(name: &CStr, value: &CStr) -> bool {
    // SAFETY: a name; a text that stays, as changing the environment beside others is what `set_var` is unsafe for.
    let found = unsafe { getenv(name.as_ptr()) };
    // SAFETY: as above.
    !found.is_null() && unsafe { CStr::from_ptr(found) } == value
}

pub(super) fn acquire(place: *mut u8) {
    // SAFETY: a name.
    unsafe { __tsan_acquire(place.cast()) };
}

pub(super) fn release(place: *mut u8) {
    // SAFETY: a name.
    unsafe { __tsan_release(place.cast()) };
}

/// Leaves the clock of this context at `place`, and no other: there is no call for that but an atomic store, of whose
/// write nothing is to be made.
///
/// The place is inside a `Place`, whose byte is 0 and is not read.
pub(super) fn release_alone(place: *mut u8) {
    const RELEASE: c_int = 3;
    look_begin();
    // SAFETY: a byte of a cell, which only this writes, and always the same.
    unsafe { __tsan_atomic8_store(place, 0, RELEASE) };
    look_end();
}

/// The place is inside an `Object`, and only this touches it.
pub(super) fn access(place: *mut u64, access: Access) {
    const RELAXED: c_int = 0;
    let name: *mut c_void = place.cast();
    match access {
        // SAFETY: a name.
        Access::Read => unsafe { __tsan_read8(name) },
        // SAFETY: a name.
        Access::Write => unsafe { __tsan_write8(name) },
        // SAFETY: an object's own word, which is never read.
        Access::AtomicRead => _ = unsafe { __tsan_atomic64_load(place, RELAXED) },
        // SAFETY: an object's own word, which is never read; no bit changes.
        Access::AtomicWrite => _ = unsafe { __tsan_atomic64_fetch_or(place, 0, RELAXED) },
    }
}

/// From here on the sanitizer looks at no read or write of this context, but at its synchronisation.
pub(super) fn look_begin() {
    // SAFETY: a count of the context's own.
    unsafe { __tsan_ignore_thread_begin() };
}

/// Until here.
pub(super) fn look_end() {
    // SAFETY: as above.
    unsafe { __tsan_ignore_thread_end() };
}

/// From here on the sanitizer looks at nothing that this context does.
pub(super) fn ignore_begin() {
    // SAFETY: a count of the context's own.
    unsafe { __tsan_ignore_thread_begin() };
    // SAFETY: as above; the file is for its own messages.
    unsafe { AnnotateIgnoreSyncBegin(c"".as_ptr(), 0) };
}

/// Until here.
pub(super) fn ignore_end() {
    // SAFETY: as in `ignore_begin`.
    unsafe { AnnotateIgnoreSyncEnd(c"".as_ptr(), 0) };
    // SAFETY: as above.
    unsafe { __tsan_ignore_thread_end() };
}
