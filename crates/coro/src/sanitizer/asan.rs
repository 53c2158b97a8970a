//! AddressSanitizer: it must know the bounds of the stack that runs, and keeps locals that may be used after
//! their function has returned on a *fake stack* of their own, one per fiber.
//!
//! *Record Per Fiber*: a fiber is a record that is freed when the fiber is destroyed; a thread's own is leaked. It
//! is touched by the thread that runs the fiber, or is about to.
//!
//! *Nothing Of Ours Is Allocated*: these calls stand in runtime sections, so a record is the C library's memory, as is
//! what the sanitizer allocates in the same places. Nobody is stopped inside it: such a build stops no goroutine.

use super::{Edge, Leaves};
use crate::Stack;
use core::cell::Cell;
use core::ffi::c_void;
use core::panic::Location;

pub(super) const ON: bool = true;
pub(super) const THREADS: u32 = 0;

/// What is to be said of a stack.
#[derive(Debug)]
pub(super) struct Record {
    bottom: Cell<*const c_void>,
    size: Cell<usize>,
    fake: Cell<*mut c_void>,
}

pub(super) type Handle = *const Record;
pub(super) const NONE: Handle = core::ptr::null();

unsafe extern "C" {
    fn __sanitizer_start_switch_fiber(save: *mut *mut c_void, bottom: *const c_void, size: usize);
    fn __sanitizer_finish_switch_fiber(
        fake: *mut c_void,
        old_bottom: *mut *const c_void,
        old_size: *mut usize,
    );
    fn __asan_unpoison_memory_region(place: *const c_void, size: usize);
}

thread_local! {
    /// Whose stack runs, and whose ran before it.
    static RUNS: Cell<Handle> = const { Cell::new(NONE) };
    static RAN: Cell<Handle> = const { Cell::new(NONE) };
}

fn record() -> Handle {
    // SAFETY: asks for memory.
    let place: *mut Record = unsafe { libc::malloc(size_of::<Record>()) }.cast();
    if place.is_null() {
        gaggle_prim::throw!("coro: no memory for what the sanitizer is to be told");
    }
    let (bottom, size) = (Cell::new(core::ptr::null()), Cell::new(0));
    // SAFETY: room for a record, aligned for anything, which nobody has been told of.
    unsafe { place.write(Record { bottom, size, fake: Cell::new(core::ptr::null_mut()) }) };
    place
}

pub(super) fn prepare() {}

/// Never inlined: a thread-local's address must not be kept over a switch.
#[inline(never)]
pub(super) fn current() -> Handle {
    RUNS.with(|runs| {
        if runs.get().is_null() {
            runs.set(record()); // its bounds are told by the first `finish` after it was left
        }
        runs.get()
    })
}

pub(super) fn create() -> Handle {
    record()
}

pub(super) fn stands_on(fiber: Handle, stack: &Stack) {
    // SAFETY: Record Per Fiber.
    let Some(record) = (unsafe { fiber.as_ref() }) else { return };
    let range = stack.range();
    record.bottom.set(core::ptr::without_provenance(range.start));
    record.size.set(range.end - range.start);
}

pub(super) fn set_name(_: Handle, _: u64, _: Option<&'static Location<'static>>) {}

/// # Safety
///
/// Entered By One, and the switch follows in the same function.
#[inline(always)]
pub(super) unsafe fn enter(fiber: Handle, _: Edge, leaves: Leaves) {
    let (save, bottom, size) = announce(fiber, leaves);
    // SAFETY: the record of whoever runs here stays, or nothing is saved; the bounds are the target's.
    unsafe { __sanitizer_start_switch_fiber(save, bottom, size) };
}

#[inline(never)]
fn announce(fiber: Handle, leaves: Leaves) -> (*mut *mut c_void, *const c_void, usize) {
    let me = current();
    RAN.with(|ran| ran.set(if leaves == Leaves::ForNow { me } else { NONE }));
    RUNS.with(|runs| runs.set(fiber));
    // SAFETY: Record Per Fiber.
    let me = unsafe { &*me };
    // SAFETY: as above.
    let target = unsafe { &*fiber };
    let save = match leaves {
        Leaves::ForNow => me.fake.as_ptr(),
        Leaves::ForEver => core::ptr::null_mut(),
    };
    (save, target.bottom.get(), target.size.get())
}

/// Completes what `enter` announced, on the other side.
#[inline(never)]
pub(super) fn arrived() {
    let (me, ran) = (current(), RAN.with(|ran| ran.replace(NONE)));
    // SAFETY: Record Per Fiber.
    let fake = unsafe { &*me }.fake.get();
    let (mut bottom, mut size) = (core::ptr::null(), 0);
    // SAFETY: the counterpart of the call in `enter`.
    unsafe { __sanitizer_finish_switch_fiber(fake, &raw mut bottom, &raw mut size) };
    // SAFETY: Record Per Fiber: it left for now, and nobody has entered it yet.
    if let Some(ran) = unsafe { ran.as_ref() } {
        ran.bottom.set(bottom);
        ran.size.set(size);
    }
}

/// # Safety
///
/// Destroyed From Outside; from `create`.
pub(super) unsafe fn destroy(fiber: Handle) {
    // SAFETY: the caller's promise; `record` made it, and nothing in it is to be dropped.
    unsafe { libc::free(fiber.cast_mut().cast()) };
}

/// What frames that were left for ever had poisoned is to be used again.
pub(super) fn renew(stack: &Stack) {
    let range = stack.range();
    // SAFETY: an idle stack of ours.
    unsafe {
        __asan_unpoison_memory_region(
            core::ptr::without_provenance(range.start),
            range.end - range.start,
        );
    }
}
