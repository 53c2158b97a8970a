//! The cheapest clock of the machine, in ticks of its own length.

/// Ticks since some moment; all threads of the process see the same ones.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn ticks() -> u64 {
    // SAFETY: every x86_64 has the instruction, and Linux lets programs use it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// The same: nanoseconds.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn ticks() -> u64 {
    gaggle_lock::nanotime()
}
