//! The suspended half of a computation, and the two things one can do about it: make one, switch to one.
//!
//! Invariants
//! * **Suspended Once**: a `Context` that is not empty names a computation that stands still; it may be resumed
//!   once. Switching to a stale copy runs frames that no longer exist, hence `switch` is `unsafe`.
//! * **Saved First**: `switch` writes `*save` before the stack pointer moves, so the arriving side may publish the
//!   departed context as its first act.
//! * **Frame At Sp**: what a suspended context needs lies at fixed offsets from its saved stack pointer
//!   (`arch/x86_64.rs` draws it); tracebacks and debuggers may rely on that.

use crate::Stack;
use crate::arch;
use crate::sync::{AtomicPtr, Ordering};

/// A suspended computation: its saved stack pointer, nothing else.
///
/// The rest (resume address, frame pointer, base register) lies in the frame the pointer names. A context is plain
/// data: copying it copies a name, not the computation.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Context(pub(crate) *mut u8);

// SAFETY: a context is a number until somebody switches to it, and that is `unsafe` with Suspended Once as its contract.
unsafe impl Send for Context {}
// SAFETY: as for Send; there is no method that changes the frame through a shared reference.
unsafe impl Sync for Context {}

/// Where a context is kept that others may look at while it changes: who is about to run it, and dumps.
///
/// Relaxed throughout: whoever switches is ordered by what gave it the right to, and who only looks believes nothing.
#[derive(Debug)]
#[repr(transparent)]
pub struct ContextPlace(AtomicPtr<u8>);

impl ContextPlace {
    /// With the context that names nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()))
    }

    /// The context; one that may be stale, if somebody else may switch.
    #[inline]
    #[must_use]
    pub fn get(&self) -> Context {
        Context(self.0.load(Ordering::Relaxed)) // Relaxed: see above
    }

    /// Another context from now on.
    #[inline]
    pub fn set(&self, context: Context) {
        self.0.store(context.0, Ordering::Relaxed); // Relaxed: see above
    }

    /// Where `switch` saves it, by one store of a word.
    #[inline]
    #[must_use]
    pub const fn as_ptr(&self) -> *mut Context {
        self.0.as_ptr().cast()
    }
}

impl Default for ContextPlace {
    fn default() -> Self {
        Self::new()
    }
}

/// The three registers a traceback starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// Where the computation goes on.
    pub ip: usize,
    /// Its stack pointer there.
    pub sp: usize,
    /// Its frame pointer register (rbp, x29) there; a frame pointer only if the code was compiled with them.
    pub fp: usize,
}

impl Context {
    /// The context that names nothing: what a `save` slot holds before its first switch.
    #[must_use]
    pub const fn empty() -> Self {
        Self(core::ptr::null_mut())
    }

    /// Whether this names nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_null()
    }

    /// Asks for the memory that the computation touches first when it goes on: for who knows that somebody
    /// will resume it soon. Nothing but time depends on it; the context may be stale.
    #[inline]
    pub fn prefetch(&self) {
        const LINES: usize = 5; // the frames that lead out of the runtime
        for line in 0..LINES {
            gaggle_prim::prefetch(self.0.wrapping_add(line * 64));
        }
    }

    /// Reads where the suspended computation stands, for tracebacks.
    ///
    /// The values are those that hold right after its `switch` returns (so an unwinder may treat `ip` as a return
    /// address). The thread backend answers all zeros: there the registers are the kernel's.
    ///
    /// # Safety
    ///
    /// The context is not empty, its stack is mapped, and nobody resumes it while this reads (Suspended Once).
    #[must_use]
    pub unsafe fn registers(&self) -> Registers {
        // SAFETY: passed on: the frame at sp is there and still (Frame At Sp).
        unsafe { arch::registers(*self) }
    }
}

impl Context {
    /// As [`registers`](Self::registers), for a computation that may be going on meanwhile, and the
    /// usable range of the stack it stands on.
    ///
    /// What it says is true if the caller finds afterwards that the computation stood still; else
    /// it is some numbers. None if the context names no place on a stack of the depot.
    #[must_use]
    pub fn peek(&self) -> Option<(Registers, core::ops::Range<usize>)> {
        /// No backend saves more at a context.
        const FRAME: usize = 64;
        let range = crate::stack::range_around(self.0.addr())?;
        if range.end - self.0.addr() < FRAME {
            return None;
        }
        // SAFETY: Slots Are For Ever: what lies in a usable range stays readable, whoever runs on
        // it. Reads and writes that meet are what the caller finds out about.
        Some((unsafe { arch::registers(*self) }, range))
    }
}

/// Leaves the current computation, saving it into `*save`, and resumes `to`.
///
/// Symmetric: any context may switch to any other. `payload` becomes the return value of the `switch` that suspended
/// `to`, or the argument of its entry if `to` is fresh. This call returns when somebody switches to what was saved,
/// possibly on another thread; its value is their payload.
///
/// All registers are clobbered, except that MXCSR and the x87 control word are not switched: a computation that
/// changes rounding or exception masks restores them before it switches.
///
/// # Safety
///
/// * `to` satisfies Suspended Once, and its stack outlives the computation.
/// * `save` is valid for a write now. It need not be valid later: this side never reads it again.
/// * The stack this runs on stays mapped until the saved context is resumed or abandoned.
/// * The caller keeps the thread-local rule of the crate documentation: no function touches a thread-local on both
///   sides of a switch after which it may stand on another thread.
/// * Nothing unwinds out of either side through the root.
#[inline(always)]
pub unsafe fn switch(save: *mut Context, to: Context, payload: usize) -> usize {
    // SAFETY: passed on as it came.
    unsafe { arch::switch(save, to, payload) }
}

/// Makes a fresh context on `stack` that starts in `entry` when first switched to.
///
/// Its root frame ends every unwind: the return address is marked undefined in the unwind tables, the frame pointer is zero and so
/// are the words above. `entry` receives the payload of the first switch and never returns; a panic that reaches it
/// aborts, because it is `extern "C"`: catch panics inside.
///
/// # Safety
///
/// Nothing else runs on `stack` or keeps data there until the context is abandoned for good. The borrow ends here, the
/// use does not: the owner of the `Stack` keeps it until then.
#[inline]
#[must_use]
pub unsafe fn prepare(stack: &Stack, entry: unsafe extern "C" fn(payload: usize) -> !) -> Context {
    // SAFETY: passed on: the stack is unused, so its top words may be written.
    unsafe { arch::prepare(stack, entry) }
}
