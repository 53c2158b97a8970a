//! A call on another stack by two switches: for AddressSanitizer, to which each stack is a fiber of its own.
//!
//! *Caught At The Root*: a panic crosses as a value and goes on in the caller. Tracebacks end at the root.

use core::cell::Cell;
use core::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::Result;

use crate::sanitizer::{self, Edge, Fiber, Leaves};
use crate::{Context, Stack, prepare, switch};

/// What crosses, in the caller's frame.
struct Call<F, R> {
    body: Cell<Option<F>>,
    result: Cell<MaybeUninit<Result<R>>>,
    home: Cell<Context>,
    home_fiber: Fiber,
}

/// There and back.
///
/// # Safety
///
/// As for `call_on`.
pub(super) unsafe fn call<F: FnOnce() -> R, R>(stack: *const Stack, body: F) -> Result<R> {
    // SAFETY: the caller's promise; the borrow ends before the switch.
    let stack = unsafe { &*stack };
    let call = Call {
        body: Cell::new(Some(body)),
        result: Cell::new(MaybeUninit::uninit()),
        home: Cell::new(Context::empty()),
        home_fiber: Fiber::current(),
    };
    let fiber = Fiber::create();
    fiber.stands_on(stack);
    // SAFETY: Lent Whole (`call.rs`).
    let away = unsafe { prepare(stack, root::<F, R>) };
    let payload = (&raw const call).expose_provenance();
    // SAFETY: fresh, entered by us; the switch follows.
    unsafe { fiber.enter(Edge::Switch, Leaves::ForNow) };
    // SAFETY: fresh; it comes back to `home` once.
    unsafe { switch(call.home.as_ptr(), away, payload) };
    sanitizer::arrived();
    // SAFETY: the call has left it for good.
    unsafe { fiber.destroy() };
    // SAFETY: `root` writes the result before it comes back.
    unsafe { call.result.into_inner().assume_init() }
}

/// The first frame over there.
///
/// # Safety
///
/// Entered by the switch in `call`, with its record.
unsafe extern "C" fn root<F: FnOnce() -> R, R>(payload: usize) -> ! {
    // SAFETY: the record is in the frame of `call`, which stands until we go back.
    let call = unsafe { &*core::ptr::with_exposed_provenance::<Call<F, R>>(payload) };
    sanitizer::arrived();
    if let Some(body) = call.body.take() {
        // Caught At The Root.
        let result = catch_unwind(AssertUnwindSafe(body));
        call.result.set(MaybeUninit::new(result));
    }
    let mut gone = Context::empty();
    // SAFETY: the caller waits there, on whatever thread this is now; the switch follows.
    unsafe { call.home_fiber.enter(Edge::Switch, Leaves::ForEver) };
    // SAFETY: home stands in `call`; nobody resumes what is left here.
    unsafe { switch(&raw mut gone, call.home.get(), 0) };
    gaggle_prim::throw!("a finished call was resumed")
}
