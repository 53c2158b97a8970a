//! `membarrier(2)`, private expedited.
//!
//! libc's `syscall` is declared here: this crate sits below the libc crate's users and needs
//! only this one function of it, which std links already.

use super::SYS_MEMBARRIER;
use core::ffi::{c_int, c_long};

const PRIVATE_EXPEDITED: c_int = 1 << 3;
const REGISTER_PRIVATE_EXPEDITED: c_int = 1 << 4;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
}

fn call(command: c_int) -> bool {
    // SAFETY: membarrier takes three integers and touches no memory of ours.
    let answer = unsafe { syscall(SYS_MEMBARRIER, command, 0 as c_int, 0 as c_int) };
    answer == 0
}

/// Asks the kernel once for the right to call `membarrier`.
pub(in super::super) fn register() -> bool {
    call(REGISTER_PRIVATE_EXPEDITED)
}

/// A full barrier on every core that runs a thread of this process.
pub(in super::super) fn membarrier() {
    if !call(PRIVATE_EXPEDITED) {
        crate::throw!("membarrier failed after it was registered");
    }
}
