//! A job of what only one kind of CPU has; the one place of the soak that asks which.

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::vector;

/// Nothing is known of other CPUs.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn vector(_: &mut crate::rng::Rng) {}
