//! ThreadSanitizer: a shadow stack and a clock per fiber.
//!
//! *Nothing Of Ours Is Allocated*: these calls stand in runtime sections.

use super::{Edge, Leaves};
use crate::Stack;
use core::ffi::{c_char, c_int, c_uint, c_void};
use core::fmt::{self, Write as _};
use core::panic::Location;

/// The longest name, with its zero; the end of a longer one is cut off.
const NAME: usize = 256;

pub(super) const ON: bool = true;
/// It looks after its memory on one, which starts before the first that the program starts.
pub(super) const THREADS: u32 = 1;

pub(super) type Handle = *mut c_void;
pub(super) const NONE: Handle = core::ptr::null_mut();

unsafe extern "C" {
    fn __tsan_get_current_fiber() -> Handle;
    fn __tsan_create_fiber(flags: c_uint) -> Handle;
    fn __tsan_destroy_fiber(fiber: Handle);
    fn __tsan_switch_to_fiber(fiber: Handle, flags: c_uint);
    fn __tsan_set_fiber_name(fiber: Handle, name: *const c_char);
    fn __sanitizer_get_module_and_offset_for_pc(
        pc: *mut c_void,
        module: *mut c_char,
        len: usize,
        offset: *mut *mut c_void,
    ) -> c_int;
}

/// Lets it list the modules of this process. It does so at its first report otherwise, suppressed ones too, while it holds
/// locks of its own, and takes the loader's for it: who stands in a callback of `dl_iterate_phdr` then, as who
/// symbolises does, and allocates there, waits for those locks, and both wait for ever.
pub(super) fn prepare() {
    let (mut module, mut offset): ([c_char; 1], _) = ([0; 1], core::ptr::null_mut());
    let pc = prepare as fn() as *mut c_void;
    // SAFETY: a name; room for `len` bytes and for a pointer, both used during the call alone.
    unsafe {
        __sanitizer_get_module_and_offset_for_pc(pc, module.as_mut_ptr(), 1, &raw mut offset)
    };
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
    let mut name = Name { text: [0; NAME], len: 0 };
    // It takes what there is room for, and does not fail.
    let _ = match site {
        Some(site) => write!(name, "goroutine {id} ({site})"),
        None => write!(name, "goroutine {id}"),
    };
    // SAFETY: the fiber is not destroyed while its goroutine lives; the name ends in a zero and is copied.
    unsafe { __tsan_set_fiber_name(fiber, name.text.as_ptr().cast()) };
}

/// A text that ends in a zero.
struct Name {
    text: [u8; NAME],
    len: usize,
}

impl fmt::Write for Name {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let len = piece.len().min(NAME - 1 - self.len);
        self.text[self.len..][..len].copy_from_slice(&piece.as_bytes()[..len]);
        self.len += len;
        Ok(())
    }
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
