//! What dumps say of a goroutine besides its state and its stack: who knows something registers once.
//!
//! *Teller Is A Function*: the word is null or was made of a [`Teller`].

use core::fmt;
use core::sync::atomic::{AtomicPtr, Ordering};

/// Writes what it knows of the goroutine with this number, each line behind a tab. Called by dumps, also
/// of a process that dies: it must not wait for anybody.
pub type Teller = fn(u64, &mut dyn fmt::Write) -> fmt::Result;

static TELLER: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// Makes dumps ask `teller` from now on: for the checker of locks.
pub fn set_teller(teller: Teller) {
    // Release: pairs with the Acquire in `tell`, so the teller's own set-up is seen.
    TELLER.store(teller as *mut (), Ordering::Release);
}

/// Writes what is known of the goroutine `goid`. For dumps.
///
/// # Errors
///
/// Those of `out`.
pub fn tell(goid: u64, out: &mut dyn fmt::Write) -> fmt::Result {
    // Acquire: pairs with the Release in `set_teller`.
    let teller = TELLER.load(Ordering::Acquire);
    if teller.is_null() {
        return Ok(());
    }
    // SAFETY: Teller Is A Function.
    let teller = unsafe { core::mem::transmute::<*mut (), Teller>(teller) };
    teller(goid, out)
}
