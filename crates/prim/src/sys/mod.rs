//! What the fence and the crash texts need of the OS; the one place of this crate that asks which.
//!
//! A backend defines: `register() -> bool` (may `membarrier` be used?), `membarrier()`.

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) use linux::{membarrier, register};

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
mod other;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
pub(super) use other::{membarrier, register};

/// True where every read-modify-write is a full barrier.
pub(super) const RMW_IS_A_FENCE: bool = cfg!(target_arch = "x86_64");

/// The number of `membarrier(2)`. Elsewhere it has others, and this one is of another call.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
const SYS_MEMBARRIER: core::ffi::c_long = if cfg!(target_arch = "x86_64") { 324 } else { 283 };
