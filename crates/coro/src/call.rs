//! A call on another stack: a frame of the caller's that lies elsewhere.
//!
//! ```text
//!     the caller's stack                 the other one
//!     | ...            |                 | home, !home    |  at its start: Beneath
//!     | call_on        | <- home         | landed         |
//!     |                |                 | body ...       |
//! ```
//!
//! Unlike a switch it is a call to everybody: an unwinder goes from the first frame over there to the caller's, panics
//! included (`arch::call_on` has the tables), and who suspends over there suspends the whole.
//!
//! Invariants
//! * **Lent Whole**: nothing else runs on the stack or keeps data there until the call has been left, by its return or by a
//!   panic; if the caller is abandoned in between, for ever.
//! * **Beneath**: the two words at the start of a stack that is called onto are `home`, the stack pointer of `arch::call_on`
//!   on the caller's, and its complement. On any other stack that runs `prepare` has put zeros there. At `home` lie the
//!   caller's frame pointer and the address where it goes on.

use core::mem::MaybeUninit;
use core::ops::Range;
use std::panic::resume_unwind;

use crate::{Backend, Registers, Stack, arch, backend, sanitizer, stack};

mod switched;

/// What crosses, in the caller's frame.
struct Call<F, R> {
    body: Option<F>,
    result: MaybeUninit<R>,
}

/// Calls `body` on a bigger stack and returns what it returns: for the recursion that is known to be deep.
///
/// The body may switch like any other code: it is the same computation on another piece of memory, and it may come
/// back on another thread. Tracebacks taken inside go on in the caller.
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
    // SAFETY: Lent Whole: the exclusive borrow lasts as long as the call.
    unsafe { call_on(&raw const *stack, body) }
}

/// As [`grow`], on a stack that others may look at meanwhile: its handle is read before the call is over there, and not
/// again.
///
/// # Panics
///
/// With the body's panic.
///
/// # Safety
///
/// Lent Whole. The handle can be read until the call has landed, and its owner keeps the stack until it has been left.
pub unsafe fn call_on<F: FnOnce() -> R, R>(stack: *const Stack, body: F) -> R {
    let start = {
        // SAFETY: the caller's promise; the borrow ends before the call.
        let stack = unsafe { &*stack };
        sanitizer::renew(stack);
        stack.start()
    };
    if cfg!(gaggle_asan) {
        // SAFETY: Lent Whole.
        return unsafe { switched::call(stack, body) }
            .unwrap_or_else(|payload| resume_unwind(payload));
    }
    let mut call = Call { body: Some(body), result: MaybeUninit::uninit() };
    let place = (&raw mut call).cast();
    // SAFETY: Lent Whole; `landed` is for a record of this type.
    unsafe { arch::call_on(start, landed::<F, R>, place) };
    // SAFETY: it has come back, so `landed` has written it.
    unsafe { call.result.assume_init() }
}

/// The first frame over there.
///
/// # Safety
///
/// From `call_on`, with its record, once.
unsafe extern "C-unwind" fn landed<F: FnOnce() -> R, R>(call: *mut u8) {
    // SAFETY: the record is in the frame of `call_on`, which stands, and does not look at it until we are back.
    let call = unsafe { &mut *call.cast::<Call<F, R>>() };
    if let Some(body) = call.body.take() {
        call.result.write(body());
    }
}

/// Where the caller goes on, and the usable range around its frames, if the stack with the usable range `on` was called
/// onto.
///
/// What it says is true if the computation stands still there; else it may be of an earlier call.
#[must_use]
pub fn beneath(on: &Range<usize>) -> Option<(Registers, Range<usize>)> {
    /// Two words, there and here.
    const WORDS: usize = 2 * size_of::<usize>();
    if backend() == Backend::Thread {
        return None;
    }
    if stack::range_around(on.start).as_ref() != Some(on) {
        return None; // no stack of ours, whose words could be read
    }
    let at = |address| core::ptr::with_exposed_provenance::<[usize; 2]>(address);
    let words = at(stack::start_of(on)? - WORDS);
    // SAFETY: Slots Are For Ever: the words lie in a usable range, and stay readable.
    let [home, complement] = unsafe { words.read_volatile() };
    let range = stack::range_around(home).filter(|_| complement == !home)?;
    if range.end - home < WORDS {
        return None;
    }
    // SAFETY: Beneath: `arch::call_on` stands there, or did; as above.
    let [fp, ip] = unsafe { at(home).read_volatile() };
    Some((Registers { ip, sp: home + WORDS, fp }, range))
}
