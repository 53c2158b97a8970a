//! The switch on AArch64 (AAPCS64); only what differs from `x86_64.rs` is said here.
//!
//! Compiled and read, not yet run on the hardware.
//!
//! ```text
//!     sp + 32   the suspended function's sp (always 16-byte aligned)
//!     sp + 24   unused
//!     sp + 16   x19    LLVM's base pointer, as rbx there
//!     sp +  8   pc     where to go on
//!     sp +  0   x29    the frame pointer; a fresh context has 0
//! ```
//!
//! * x18 belongs to the platform and is left alone. x30 is clobbered like any other register, so the root
//!   must not rely on it: unwinding ends by `.cfi_undefined x30`.
//! * FPCR is not switched, as MXCSR there.
//! * The resume address carries a `bti j` (a hint, no instruction on older cores) for builds with branch protection.
//!
//! Invariants: Suspended Once, Saved First, Frame At Sp (`context.rs`).

use core::arch::{asm, naked_asm};
use core::ffi::c_void;

use super::Backend;
use crate::{Context, Registers, Stack};

pub(crate) const BACKEND: Backend = Backend::Inline;

/// Length of the saved frame in words.
const FRAME: usize = 4;
/// Zero words above the root frame; an even number keeps sp aligned.
const ZEROS: usize = 2;

/// See `context::switch` for the contract.
#[inline(always)]
pub(crate) unsafe fn switch(save: *mut Context, to: Context, payload: usize) -> usize {
    let received;
    // SAFETY: as in x86_64.rs; x19 and x29 are restored by whoever resumes us (Frame At Sp).
    unsafe {
        asm!(
            "adr x3, 2f",
            "stp x29, x3, [sp, #-32]!",
            "str x19, [sp, #16]",
            "mov x4, sp",
            "str x4, [x1]", // Saved First
            "mov sp, x2",
            "ldr x19, [sp, #16]",
            "ldp x29, x3, [sp], #32",
            "br x3",
            "2:",
            "hint #36", // bti j
            inlateout("x0") payload => received,
            inlateout("x1") save => _,
            inlateout("x2") to.0 => _,
            lateout("x20") _,
            lateout("x21") _,
            lateout("x22") _,
            lateout("x23") _,
            lateout("x24") _,
            lateout("x25") _,
            lateout("x26") _,
            lateout("x27") _,
            lateout("x28") _,
            clobber_abi("C"),
        );
    }
    received
}

/// See `context::prepare` for the contract.
#[inline]
pub(crate) unsafe fn prepare(
    stack: &Stack,
    entry: unsafe extern "C" fn(payload: usize) -> !,
) -> Context {
    let zeros = stack.start().cast::<usize>().wrapping_sub(ZEROS);
    let sp = zeros.wrapping_sub(FRAME);
    let root: unsafe extern "C" fn() = root;
    let frame = [0, root as usize, entry as usize, 0];
    // SAFETY: the caller says that nothing lives on the stack; ZEROS + FRAME words fit into any slot below its start.
    unsafe { zeros.cast::<[usize; ZEROS]>().write([0; ZEROS]) };
    // SAFETY: as above.
    unsafe { sp.cast::<[usize; FRAME]>().write(frame) };
    Context(sp.cast())
}

/// The outermost frame of every context: `switch` jumps here with the entry in x19 and zero in x29.
#[unsafe(naked)]
unsafe extern "C" fn root() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined x30",
        "hint #36", // bti j
        "mov x29, xzr",
        "mov x30, xzr",
        "blr x19",
        "brk #1",
        ".cfi_endproc",
    )
}

/// As in `x86_64.rs`.
///
/// # Safety
///
/// Lent Whole (`call.rs`). It unwinds with `landed`.
#[unsafe(naked)]
pub(crate) unsafe extern "C-unwind" fn call_on(
    start: *mut u8,
    landed: unsafe extern "C-unwind" fn(*mut u8),
    record: *mut u8,
) {
    naked_asm!(
        ".cfi_startproc",
        "stp x29, x30, [sp, #-16]!",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset x30, -8",
        ".cfi_offset x29, -16",
        "mov x29, sp",
        ".cfi_def_cfa_register x29",
        "mvn x3, x29",
        "stp x29, x3, [x0, #-16]!", // Beneath
        "mov sp, x0",
        "mov x0, x2",
        "blr x1",
        "mov sp, x29",
        "ldp x29, x30, [sp], #16",
        ".cfi_def_cfa sp, 0",
        ".cfi_restore x30",
        ".cfi_restore x29",
        "ret",
        ".cfi_endproc",
    )
}

/// See `Context::registers` for the contract.
pub(crate) unsafe fn registers(context: Context) -> Registers {
    let frame = context.0.cast::<usize>();
    // SAFETY: Frame At Sp; the caller says that the context stands still.
    let [fp, ip, ..] = unsafe { frame.cast::<[usize; FRAME]>().read() };
    Registers { ip, sp: frame.wrapping_add(FRAME).addr(), fp }
}

/// The registers a signal interrupted.
///
/// # Safety
///
/// `ucontext` is the third argument of an `SA_SIGINFO` handler that has not returned.
pub(crate) unsafe fn fault_registers(ucontext: *mut c_void) -> Option<Registers> {
    let context = ucontext.cast::<libc::ucontext_t>();
    // SAFETY: the kernel filled it in, by the contract above.
    let machine = unsafe { &(*context).uc_mcontext };
    Some(Registers {
        ip: machine.pc as usize,
        sp: machine.sp as usize,
        fp: machine.regs[29] as usize,
    })
}

const _: () =
    assert!(ZEROS.is_multiple_of(2) && FRAME.is_multiple_of(2), "sp stays 16-byte aligned");

/// Nothing is asked: not known for this CPU.
pub(crate) fn ask_valgrind(_: &[usize; 6]) -> usize {
    0
}
