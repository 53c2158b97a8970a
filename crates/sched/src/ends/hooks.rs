//! How crash reports get their stacks: filled by `runtime`; raw addresses without it.

use core::fmt;
use core::ops::Range;
use core::panic::Location;
use core::sync::atomic::{AtomicPtr, Ordering};
use gaggle_coro::{Registers, overflow::Fault};

/// The functions that know how to walk and print stacks.
#[derive(Clone, Copy, Debug)]
pub struct Traceback {
    /// The return addresses of the caller itself, and beside them the stack pointers, if `sps` is as
    /// long and not empty. Called outside sections, on panics.
    pub capture: fn(pcs: &mut [usize], sps: &mut [usize]) -> usize,
    /// The same of a goroutine that stands still. Must not allocate.
    pub walk: fn(Registers, Range<usize>, pcs: &mut [usize], sps: &mut [usize]) -> usize,
    /// Writes them as Go does, symbolised. It locks and allocates.
    pub write: fn(Trace<'_>, Frames, out: &mut dyn fmt::Write) -> fmt::Result,
    /// Writes the trace after a stack overflow of that goroutine, and ends the process by
    /// [`end_after_overflow`](crate::end_after_overflow); called in the signal handler, after the header was written.
    pub overflow: fn(&Fault, Victim) -> !,
}

/// What was collected of a stack.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trace<'a> {
    /// Return addresses, innermost first.
    pub pcs: &'a [usize],
    /// The stack pointers beside them; empty if nobody kept them.
    pub sps: &'a [usize],
}

/// Which frames are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// Those of the runtime and of panicking are left out.
    User,
    /// All.
    System,
}

/// Whose stack has overflowed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Victim {
    /// Its number; 0 if it is no goroutine's.
    pub goid: u64,
    /// Who started it; 0 for a plain thread.
    pub parent: u64,
    /// The `go` statement; none for a main goroutine.
    pub site: Option<&'static Location<'static>>,
}

static TRACEBACK: AtomicPtr<Traceback> = AtomicPtr::new(core::ptr::null_mut());

/// Installs the functions that walk and print stacks.
pub fn set_traceback(traceback: &'static Traceback) {
    // Release: pairs with the Acquire in `traceback`.
    TRACEBACK.store(core::ptr::from_ref(traceback).cast_mut(), Ordering::Release);
}

/// The installed functions.
pub(crate) fn traceback() -> Option<&'static Traceback> {
    // Acquire: pairs with the Release in `set_traceback`.
    // SAFETY: only `set_traceback` stores here, from a `'static` reference.
    unsafe { TRACEBACK.load(Ordering::Acquire).as_ref() }
}
