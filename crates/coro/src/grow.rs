//! One call on a bigger stack: for the recursion that is known to be deep.
//!
//! Invariants
//! * **Borrowed Whole**: the exclusive borrow of the stack lasts until the call has left it; if the caller is abandoned in between, it
//!   lasts for ever.
//! * **Caught At The Root**: a panic crosses as a value and goes on in the caller.

use core::cell::Cell;
use core::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread::Result;

use crate::sanitizer::{self, Edge, Fiber, Leaves};
use crate::{Backend, Context, Stack, backend, prepare, switch};

/// What crosses, in the caller's frame.
struct Call<F, R> {
    body: Cell<Option<F>>,
    result: Cell<MaybeUninit<Result<R>>>,
    home: Cell<Context>,
    home_fiber: Fiber,
}

/// Calls `body` on `stack` and returns what it returns.
///
/// The body may switch like any other code: it is the same computation on another piece of memory, and it may come
/// back on another thread. Tracebacks taken inside end at the root of the call.
///
/// The thread backend calls `body` where it is: there the stack is not ours to choose.
///
/// # Panics
///
/// With the body's panic.
///
/// # Examples
///
/// ```
/// use gaggle_coro::{grow, stack::depot};
///
/// fn depth(n: u64) -> u64 {
///     let frame = std::hint::black_box([n; 128]);
///     if n == 0 { 0 } else { 1 + depth(frame[7] - 1) }
/// }
/// let mut bigger = depot().take(16 << 20)?;
/// assert_eq!(grow(&mut bigger, || depth(2_000)), 2_000);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn grow<R>(stack: &mut Stack, body: impl FnOnce() -> R) -> R {
    if backend() == Backend::Thread {
        return body();
    }
    match call(stack, body) {
        Ok(value) => value,
        Err(payload) => resume_unwind(payload),
    }
}

/// There and back.
fn call<F: FnOnce() -> R, R>(stack: &mut Stack, body: F) -> Result<R> {
    let call = Call {
        body: Cell::new(Some(body)),
        result: Cell::new(MaybeUninit::uninit()),
        home: Cell::new(Context::empty()),
        home_fiber: Fiber::current(),
    };
    let fiber = Fiber::create();
    sanitizer::renew(stack);
    fiber.stands_on(stack);
    // SAFETY: Borrowed Whole: nothing else uses the stack, and it stays ours until the call is over.
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
