//! How reports get their stacks: filled by `runtime`; the place of the call alone without it.

use core::fmt;
use core::sync::atomic::{AtomicPtr, Ordering};

/// The functions that know how to walk and print stacks.
#[derive(Clone, Copy, Debug)]
pub struct Stacks {
    /// The return addresses of the caller itself; how many were written.
    pub capture: fn(pcs: &mut [usize]) -> usize,
    /// Writes them as Go does in a traceback: a function, a tab, a file and a line.
    pub write: fn(pcs: &[usize], out: &mut dyn fmt::Write) -> fmt::Result,
}

static STACKS: AtomicPtr<Stacks> = AtomicPtr::new(core::ptr::null_mut());

/// Installs the functions that walk and print stacks.
pub fn set(stacks: &'static Stacks) {
    // Release: pairs with the Acquire in `get`.
    STACKS.store(core::ptr::from_ref(stacks).cast_mut(), Ordering::Release);
}

/// The installed functions.
#[doc(hidden)]
pub fn get() -> Option<&'static Stacks> {
    // Acquire: pairs with the Release in `set`.
    // SAFETY: Given Whole: only `set` stores here, from a `'static` reference.
    unsafe { STACKS.load(Ordering::Acquire).as_ref() }
}
