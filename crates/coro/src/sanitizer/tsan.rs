//! ThreadSanitizer: a shadow stack and a clock per fiber.

use super::{Edge, Leaves};
use crate::Stack;
use core::ffi::{c_char, c_uint, c_void};
use core::panic::Location;

pub(super) const ON: bool = true;

pub(super) type Handle = *mut c_void;
pub(super) const NONE: Handle = core::ptr::null_mut();

unsafe extern "C" {
    fn __tsan_get_current_fiber() -> Handle;
    fn __tsan_create_fiber(flags: c_uint) -> Handle;
    fn __tsan_destroy_fiber(fiber: Handle);
    fn __tsan_switch_to_fiber(fiber: Handle, flags: c_uint);
    fn __tsan_set_fiber_name(fiber: Handle, name: *const c_char);
}

#[inline(always)]
pub(super) fn current() -> Handle {
    // SAFETY: only asks.
    unsafe { __tsan_get_current_fiber() }
}

#[inline(always)]
pub(super) fn create() -> Handle {
    // SAFETY: makes a name.
    unsafe { __tsan_create_fiber(0) }
}

#[inline(always)]
pub(super) fn stands_on(_: Handle, _: &Stack) {}

pub(super) fn set_name(fiber: Handle, id: u64, site: Option<&'static Location<'static>>) {
    let name = match site {
        Some(site) => format!("goroutine {id} ({site})\0"),
        None => format!("goroutine {id}\0"),
    };
    // SAFETY: the fiber is not destroyed while its goroutine lives; the name ends in a zero and is copied.
    unsafe { __tsan_set_fiber_name(fiber, name.as_ptr().cast()) };
}

/// # Safety
///
/// Entered By One, and the switch follows in the same function.
#[inline(always)]
pub(super) unsafe fn enter(fiber: Handle, edge: Edge, _: Leaves) {
    let flags = match edge {
        Edge::Switch => 0,
        Edge::None => 1,
    };
    // SAFETY: the caller's promise.
    unsafe { __tsan_switch_to_fiber(fiber, flags) };
}

/// # Safety
///
/// Destroyed From Outside; from `create`.
#[inline(always)]
pub(super) unsafe fn destroy(fiber: Handle) {
    // SAFETY: the caller's promise.
    unsafe { __tsan_destroy_fiber(fiber) };
}

#[inline(always)]
pub(super) fn arrived() {}

/// Fresh memory in the place of the old: the sanitizer sees the call, and forgets who touched what was there.
pub(super) fn renew(stack: &Stack) {
    let range = stack.range();
    let place = core::ptr::with_exposed_provenance_mut(range.start);
    // SAFETY: Ours; the stack is idle.
    unsafe { crate::sys::map_anew(place, range.end - range.start) };
}
