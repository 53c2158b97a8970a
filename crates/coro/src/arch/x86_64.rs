//! The switch on x86_64 (System V): ten instructions in line, three words on the stack.
//!
//! A suspended context is its stack pointer. Below it the red zone is dead, above it lies
//!
//! ```text
//!     sp + 24   the stack as the suspended function knows it (its rsp once it goes on)
//!     sp + 16   rbx    LLVM keeps it for itself (base pointer), so we save it by hand
//!     sp +  8   rbp    likewise; also where a frame pointer walk starts
//!     sp +  0   rip    where to go on
//! ```
//!
//! and a fresh context, as `prepare` leaves it, looks the same, so that `switch` need not know the difference:
//!
//! ```text
//!     start            16-byte aligned, up to a page's third below the top (`Stack::start`)
//!     start -  8  0     zeros above the root, for walkers that do not read unwind tables
//!     start - 16  0     rsp in the root; the call there leaves the entry aligned as the ABI demands
//!     start - 24  entry lands in rbx
//!     start - 32  0     lands in rbp: the frame pointer chain ends
//!     start - 40  root  lands in rip
//! ```
//!
//! Why this shape:
//! * **Clobber all, save little.** The asm block declares every register clobbered, so the compiler saves exactly what is
//!   live, where a function call would save the six callee-saved registers always.
//! * **`jmp`, never `ret`.** A `ret` to an address that no `call` pushed is mispredicted every time. An indirect `jmp` is
//!   predicted by its own history, and inlining gives each call site a history of its own.
//! * **The payload rides in rdi**, the first argument of the C ABI, so a fresh entry receives it with no shuffle.
//! * MXCSR and the x87 control word are not switched (the ABI calls them callee-saved, saving them costs as much
//!   as all the rest); neither is a shadow stack, which Linux enables only for binaries marked for it.
//! * The block has no unwind tables of its own: a profiler's signal inside its few instructions may unwind wrongly.
//!
//! Invariants: Suspended Once, Saved First, Frame At Sp (`context.rs`).

use core::arch::{asm, naked_asm};
use core::ffi::c_void;

use super::Backend;
use crate::{Context, Registers, Stack};

pub(crate) const BACKEND: Backend = Backend::Inline;

/// Length of the saved frame.
const FRAME: usize = 3;
/// Zero words above the root frame: two, so that the root's rsp is 16-byte aligned.
const ZEROS: usize = 2;

/// See `context::switch` for the contract.
#[inline(always)]
pub(crate) unsafe fn switch(save: *mut Context, to: Context, payload: usize) -> usize {
    let received;
    // SAFETY: the caller vouches for `save` and for Suspended Once; every register the compiler may use is an
    // operand or clobbered, rbx and rbp are restored by whoever resumes us (Frame At Sp).
    unsafe {
        asm!(
            "push rbx",
            "push rbp",
            "lea rax, [rip + 2f]",
            "push rax",
            "mov [rsi], rsp", // Saved First
            "mov rsp, rdx",
            "pop rax",
            "pop rbp",
            "pop rbx",
            "jmp rax",
            "2:",
            inlateout("rdi") payload => received,
            inlateout("rsi") save => _,
            inlateout("rdx") to.0 => _,
            lateout("r12") _,
            lateout("r13") _,
            lateout("r14") _,
            lateout("r15") _,
            clobber_abi("sysv64"),
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
    let frame = [root as usize, 0, entry as usize];
    // SAFETY: the caller says that nothing lives on the stack; ZEROS + FRAME words fit into any slot below its start.
    unsafe { zeros.cast::<[usize; ZEROS]>().write([0; ZEROS]) };
    // SAFETY: as above.
    unsafe { sp.cast::<[usize; FRAME]>().write(frame) };
    Context(sp.cast())
}

/// The outermost frame of every context: `switch` jumps here with the entry in rbx and zero in rbp.
#[unsafe(naked)]
unsafe extern "C" fn root() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_undefined rip", // there is no caller: unwinders stop here
        "xor ebp, ebp",
        "call rbx",
        "ud2", // the entry never returns; also keeps the return address inside this function
        ".cfi_endproc",
    )
}

/// Calls `landed(record)` on the stack that starts at `start`; the frame pointer leads back, for unwinders too.
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
        "push rbp",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset rbp, -16",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "mov [rdi - 16], rbp", // Beneath
        "mov rax, rbp",
        "not rax",
        "mov [rdi - 8], rax",
        "lea rsp, [rdi - 16]",
        "mov rdi, rdx",
        "call rsi",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}

/// See `Context::registers` for the contract.
pub(crate) unsafe fn registers(context: Context) -> Registers {
    let frame = context.0.cast::<usize>();
    // SAFETY: Frame At Sp; the caller says that the context stands still.
    let [ip, fp, _rbx] = unsafe { frame.cast::<[usize; FRAME]>().read() };
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
    let gregs = unsafe { &(*context).uc_mcontext.gregs };
    let register = |at: i32| gregs[at as usize] as usize;
    Some(Registers {
        ip: register(libc::REG_RIP),
        sp: register(libc::REG_RSP),
        fp: register(libc::REG_RBP),
    })
}

const _: () =
    assert!((ZEROS * size_of::<usize>()).is_multiple_of(16), "the ABI wants the call aligned");

/// Asks valgrind for something; 0 where the program runs by itself, to which the sequence means nothing: four rotations by
/// 128 bits together, and an exchange of a register with itself.
pub(crate) fn ask_valgrind(request: &[usize; 6]) -> usize {
    let mut answer = 0_usize;
    // SAFETY: no register but `answer` changes; valgrind reads the six words.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            inout("rdx") answer,
            in("rax") request.as_ptr(),
            in("rdi") 0,
            options(nostack),
        );
    }
    answer
}
