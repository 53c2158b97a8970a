//! The cheapest clock of the machine, in ticks of its own length.

/// Ticks since some moment; all threads of the process see the same ones.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn ticks() -> u64 {
    // SAFETY: every x86_64 has the instruction, and Linux lets programs use it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Makes this thread's core the owner of the memory at `place`, which it is about to write to. Another
/// one has read it since the last time; without this the next locked instruction would wait for it.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn own_soon<T>(place: &T) {
    use core::arch::x86_64::{_MM_HINT_ET0, _mm_prefetch};
    // SAFETY: a hint; it reads nothing.
    unsafe { _mm_prefetch::<_MM_HINT_ET0>(core::ptr::from_ref(place).cast()) };
}

/// The same: nothing.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn own_soon<T>(_place: &T) {}

/// The same: nanoseconds.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(super) fn ticks() -> u64 {
    gaggle_lock::nanotime()
}
