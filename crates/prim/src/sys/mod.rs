//! What the fence and the crash texts need of the OS; the one place of this crate that asks which.
//!
//! A backend defines: `register() -> bool` (may `membarrier` be used?), `membarrier()`.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub(super) use linux::{membarrier, register};

#[cfg(not(target_os = "linux"))]
mod other;
#[cfg(not(target_os = "linux"))]
pub(super) use other::{membarrier, register};

/// True where every read-modify-write is a full barrier.
pub(super) const RMW_IS_A_FENCE: bool = cfg!(target_arch = "x86_64");

/// The number of `membarrier(2)`.
#[cfg(target_os = "linux")]
const SYS_MEMBARRIER: core::ffi::c_long = if cfg!(target_arch = "x86_64") { 324 } else { 283 };
