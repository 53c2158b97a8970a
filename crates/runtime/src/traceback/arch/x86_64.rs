//! x86_64 Linux: which framehop types walk it, and where a signal frame keeps rip, rsp and rbp.
//!
//! Invariant
//! 1. *Fetched*: code bytes are read only of an instruction that the CPU fetched, so they are mapped.

use framehop::MustNotAllocateDuringUnwind;
use framehop::x86_64::{CacheX86_64, UnwindRegsX86_64, UnwinderX86_64};

use crate::traceback::Registers;

/// The unwinder over tables that stay mapped.
pub(in crate::traceback) type Unwinder = UnwinderX86_64<&'static [u8], MustNotAllocateDuringUnwind>;

/// Its scratch memory and its memory of rules, all allocated at birth.
pub(in crate::traceback) type Cache = CacheX86_64<MustNotAllocateDuringUnwind>;

/// Registers in the unwinder's words.
pub(in crate::traceback) fn unwind_regs(regs: Registers) -> UnwindRegsX86_64 {
    UnwindRegsX86_64::new(regs.ip as u64, regs.sp as u64, regs.fp as u64)
}

/// The registers in a signal frame.
pub(in crate::traceback) fn registers(context: &libc::ucontext_t) -> Registers {
    let saved = |index: i32| context.uc_mcontext.gregs[index as usize] as usize;
    Registers { ip: saved(libc::REG_RIP), sp: saved(libc::REG_RSP), fp: saved(libc::REG_RBP) }
}

/// The names of the registers in a signal frame, in Go's order.
const NAMES: [(&str, i32); 18] = [
    ("rax", libc::REG_RAX),
    ("rbx", libc::REG_RBX),
    ("rcx", libc::REG_RCX),
    ("rdx", libc::REG_RDX),
    ("rdi", libc::REG_RDI),
    ("rsi", libc::REG_RSI),
    ("rbp", libc::REG_RBP),
    ("rsp", libc::REG_RSP),
    ("r8", libc::REG_R8),
    ("r9", libc::REG_R9),
    ("r10", libc::REG_R10),
    ("r11", libc::REG_R11),
    ("r12", libc::REG_R12),
    ("r13", libc::REG_R13),
    ("r14", libc::REG_R14),
    ("r15", libc::REG_R15),
    ("rip", libc::REG_RIP),
    ("rflags", libc::REG_EFL),
];

/// The selectors, in one register, each at its bit.
const SELECTORS: [(&str, u32); 3] = [("cs", 0), ("fs", 32), ("gs", 16)];

/// The registers in a signal frame, by name.
pub(in crate::traceback) fn named_registers(
    context: &libc::ucontext_t,
) -> impl Iterator<Item = (&'static str, u64)> + '_ {
    let saved = |at: i32| context.uc_mcontext.gregs[at as usize] as u64;
    let all = saved(libc::REG_CSGSFS);
    let selectors = SELECTORS.iter().map(move |&(name, bit)| (name, all >> bit & 0xffff));
    NAMES.iter().map(move |&(name, at)| (name, saved(at))).chain(selectors)
}

/// `mov qword ptr [rsp], 0`: the store with which rustc touches each page of a huge frame. In the
/// loop around it the frame is described relative to r11, which framehop does not follow.
const PROBE: [u8; 8] = [0x48, 0xc7, 0x04, 0x24, 0, 0, 0, 0];

/// Does the instruction at `ip` touch the stack for a probe?
///
/// # Safety
/// The CPU fetched an instruction at `ip` (it faulted in it, or runs it).
pub(in crate::traceback) unsafe fn stores_stack_probe(ip: usize) -> bool {
    // One byte at a time: a mismatch ends the reading before it can leave the instruction.
    PROBE.iter().enumerate().all(|(offset, &byte)| {
        let code = core::ptr::with_exposed_provenance::<u8>(ip + offset);
        // SAFETY: Fetched (this function's contract): all bytes so far are those of one instruction
        // of `PROBE`'s length, so this one belongs to it and is mapped.
        let here = unsafe { code.read_volatile() };
        here == byte
    })
}
