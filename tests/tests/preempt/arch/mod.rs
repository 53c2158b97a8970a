//! What only one kind of CPU has; the one place of these tests that asks which.

#[cfg(target_arch = "x86_64")]
mod x86_64;
