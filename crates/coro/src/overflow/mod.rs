//! Stack overflow: the guard-page fault of a goroutine, told from every other fault and reported as Go does.
//!
//! [`install`] once per process, a [`SignalStack`] on every thread that runs contexts. When a stack runs into its guard the
//! handler calls the report with a [`Fault`]; every other fault goes to whoever handled it before, so a plain thread's overflow
//! keeps the message of `std` and a wild pointer still dies by SIGSEGV.
//!
//! Invariants
//! * **Ours Or Chained**: a fault is ours only if the kernel raised it, its address lies in the guard of one of our slots, and
//!   the interrupted stack pointer lies in that same slot.
//! * **Signal Safe**: from the handler on nothing allocates, nothing waits for a lock that the interrupted code may hold,
//!   nothing unwinds.

use core::ffi::c_void;

use crate::Registers;

mod altstack;
mod handler;
mod report;

pub use altstack::{SignalStack, SignalStackRoom};
pub use handler::{install, interrupted};
pub(crate) use report::found_late;
pub use report::{report_raw, write_header, write_raw};

/// A goroutine's stack that ran into its guard, as the handler found it.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The address whose access faulted; it lies in the guard.
    pub addr: usize,
    /// Where the goroutine stood. Inside a probe loop of a huge frame `ip` is in a prologue.
    pub regs: Registers,
    /// The lowest usable address of the stack.
    pub limit: usize,
    /// One past its highest address.
    pub top: usize,
    /// The size the stack was taken by, guard included.
    pub size: usize,
    /// The handler's third argument, a `ucontext_t`, for an unwinder.
    pub ucontext: *mut c_void,
}
