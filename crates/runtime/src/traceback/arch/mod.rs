//! What the walk needs to know of a CPU: its unwinder, its registers in a signal frame, its stack
//! probe.
//!
//! A backend defines `Unwinder`, `Cache`, `unwind_regs`, `registers`,
//! `named_registers` and `stores_stack_probe`.

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod x86_64;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub(super) use x86_64::{
    Cache, Unwinder, named_registers, registers, stores_stack_probe, unwind_regs,
};

#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
compile_error!("tracebacks are not ported to this target: add a backend beside arch/x86_64.rs");
