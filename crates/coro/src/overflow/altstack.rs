//! The stack a thread's signal handlers run on: bigger than what `std` gives it, with a guard of its own.
//!
//! Invariants
//! * **Of This Thread**: the kernel keeps the alternate stack per thread, so the handle cannot leave its thread (it is not `Send`).
//! * **Not While In Use**: the slot is given back only when the kernel no longer uses it.

use core::fmt;
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop};
use core::ptr;
use std::io;

use crate::stack::{Stack, default_size, depot};
use crate::sys;

/// What a report needs below the kernel's own frame: an unwinder and a symboliser's buffers.
const ROOM: usize = 64 << 10;

/// An alternate signal stack of at least 64 KiB for the current thread; dropping it restores the former one.
///
/// It is a slot of the depot, so it costs no mapping of its own.
pub struct SignalStack {
    /// Gives the slot back when it drops, unless the kernel still uses it.
    stack: ManuallyDrop<Stack>,
    former: libc::stack_t,
    /// Of This Thread.
    _thread: PhantomData<*mut ()>,
}

/// Room for a signal stack of a thread that may not be there yet.
#[derive(Debug)]
pub struct SignalStackRoom(Stack);

impl SignalStack {
    /// Room for one, so that the thread itself need not ask for memory.
    ///
    /// It holds 64 KiB beyond what the kernel needs for the registers of this machine (`AT_MINSIGSTKSZ`).
    ///
    /// # Errors
    ///
    /// What `mmap` said.
    pub fn reserve() -> io::Result<SignalStackRoom> {
        // SAFETY: only asks; 0 if the kernel does not say.
        let frame = unsafe { libc::getauxval(libc::AT_MINSIGSTKSZ) } as usize;
        let least = ROOM + frame.max(libc::MINSIGSTKSZ) + sys::page();
        depot().take(default_size().max(least)).map(SignalStackRoom)
    }

    /// Gives the current thread a signal stack, as large as [`reserve`](Self::reserve) says.
    ///
    /// # Errors
    ///
    /// What `mmap` or `sigaltstack` said; the latter refuses on a thread that is running on its signal stack.
    pub fn install() -> io::Result<Self> {
        Self::reserve()?.install()
    }

    /// The usable bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.stack.size()
    }
}

impl SignalStackRoom {
    /// Makes it the signal stack of the current thread.
    ///
    /// # Errors
    ///
    /// What `sigaltstack` said: it refuses on a thread that is running on its signal stack.
    pub fn install(self) -> io::Result<SignalStack> {
        let stack = self.0;
        let mut former = empty();
        let ours = libc::stack_t {
            ss_sp: ptr::without_provenance_mut(stack.limit()),
            ss_flags: 0,
            ss_size: stack.size(),
        };
        // SAFETY: the slot is ours, unused, and stays so until Drop (Not While In Use).
        if unsafe { libc::sigaltstack(&raw const ours, &raw mut former) } != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(SignalStack { stack: ManuallyDrop::new(stack), former, _thread: PhantomData })
    }
}

impl Drop for SignalStack {
    fn drop(&mut self) {
        let mut now = empty();
        // SAFETY: only asks.
        unsafe { libc::sigaltstack(ptr::null(), &raw mut now) };
        // Somebody may have put another one in our place: then that one stays, and may put ours back at its own end.
        if now.ss_sp.addr() != self.stack.limit() {
            return; // Not While In Use: nobody has the slot any more.
        }
        // SAFETY: the former stack is what the kernel told us.
        if unsafe { libc::sigaltstack(&raw const self.former, ptr::null_mut()) } != 0 {
            return; // Not While In Use: we stand on it.
        }
        // SAFETY: the kernel has let go of the slot, and this is the end of the handle.
        unsafe { ManuallyDrop::drop(&mut self.stack) };
    }
}

impl fmt::Debug for SignalStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignalStack").field("size", &self.size()).finish()
    }
}

fn empty() -> libc::stack_t {
    // SAFETY: all zeros is a valid stack_t.
    unsafe { mem::zeroed() }
}
