//! Tracebacks: the pcs of a stack, of whichever goroutine, and Go's text for them.
//!
//! Two halves that share nothing but a slice of pcs:
//! * *collect*: [`walk`], [`walk_fault`] and [`capture`] fill a slice. They take no lock that
//!   another thread can hold for long, allocate nothing after [`prepare`], and may run in a signal
//!   handler.
//! * *show*: [`write_frames`] symbolises, so it locks and allocates; [`write_raw`] does neither.
//!   [`fatal`] joins both for a thread that may do nothing any more but die.
//!
//! Invariants
//! 1. *Return Addresses*: every pc in a slice is the address after a call, so the line is looked up
//!    at `pc - 1`. A fault is stored as its address plus one for that reason.
//! 2. *Both Ends*: a slice too short for its stack keeps the innermost and the outermost pcs; what
//!    fell out between them is one entry that [`elided`] recognises.
//! 3. *Bounded Reads*: a walk dereferences addresses inside the stack it was given, and nothing
//!    else but the unwind tables of loaded modules.

mod arch;
pub mod fatal;
mod hidden;
mod modules;
mod pcs;
mod raw;
mod symbol;
mod symtab;
mod text;
mod walker;

use core::ffi::c_void;
use core::fmt;
use core::ops::Range;

pub use pcs::elided;

/// Where a goroutine stands: what its next instruction would see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registers {
    /// The instruction at which it goes on (rip).
    pub ip: usize,
    /// The stack pointer at that instruction (rsp).
    pub sp: usize,
    /// The frame pointer at that instruction (rbp), whatever it is used for there.
    pub fp: usize,
}

impl Registers {
    /// The registers that the kernel saved when a signal interrupted a thread.
    pub fn from_ucontext(context: &libc::ucontext_t) -> Registers {
        arch::registers(context)
    }
}

/// Which frames a traceback shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The user's frames: those of the runtime and of panicking are left out.
    User,
    /// Every frame.
    System,
}

/// Prepares this process so that later walks do not allocate.
///
/// Reads the unwind tables of all loaded modules. A further call reads them again if modules were
/// loaded or unloaded since, and is cheap otherwise: call it before a dump. Not for signal
/// handlers.
pub fn prepare() {
    walker::prepare();
}

/// Walks a suspended goroutine's stack into `pcs` and returns how many entries were written.
///
/// `stack` is the usable stack, lowest address to top. The first entry is `regs.ip`; the walk ends
/// at a root frame (undefined return address), at the end of what can be understood, or after a
/// million frames. Without [`prepare`], or when every walker is taken for long, `regs.ip` is all
/// there is.
///
/// Allocates nothing and is async-signal-safe after [`prepare`].
///
/// # Safety
/// `stack` is readable for the whole call and nobody writes to its part above `regs.sp` meanwhile.
/// No module that has code on this stack was unloaded since the last [`prepare`].
pub unsafe fn walk(regs: Registers, stack: Range<usize>, pcs: &mut [usize]) -> usize {
    // SAFETY: the caller gives what `walker::walk` asks for, word for word.
    unsafe { walker::walk(regs, stack, pcs, &mut []) }
}

/// As [`walk`], with the stack pointer of each frame in `sps`, which is as long as `pcs`.
///
/// # Safety
/// As [`walk`].
pub(crate) unsafe fn walk_sps(
    regs: Registers,
    stack: Range<usize>,
    pcs: &mut [usize],
    sps: &mut [usize],
) -> usize {
    // SAFETY: the caller gives what `walker::walk` asks for, word for word.
    unsafe { walker::walk(regs, stack, pcs, sps) }
}

/// As [`walk`], for the thread that runs this call inside the handler of its own fault.
///
/// `regs` are those of the fault ([`Registers::from_ucontext`]). The stack pointer may lie below
/// `stack`: that is what an overflow is. A fault inside the loop that probes a huge frame cannot be
/// followed by the walker; the system unwinder, which is then used, can.
///
/// # Safety
/// As [`walk`]; and the caller is the handler of a synchronous signal of this very thread, raised
/// when the instruction at `regs.ip` accessed memory (not when the CPU tried to fetch it).
pub unsafe fn walk_fault(regs: Registers, stack: Range<usize>, pcs: &mut [usize]) -> usize {
    // SAFETY: the caller gives what `walker::walk_fault` asks for, word for word.
    unsafe { walker::walk_fault(regs, stack, pcs) }
}

/// The pcs of the calling goroutine or thread, without the `skip` innermost; returns how many.
///
/// With `skip` 0 the first entry is in the caller. Allocates nothing and takes no lock of ours; it
/// uses the system unwinder, which needs no bounds of the stack.
///
/// # Examples
/// ```
/// use gaggle_runtime::traceback::{Level, capture, write_frames};
///
/// let mut pcs = [0; 64];
/// let n = capture(0, &mut pcs);
/// let mut text = String::new();
/// write_frames(&pcs[..n], Level::System, &mut text)?;
/// assert!(text.contains("main"));
/// # Ok::<(), std::fmt::Error>(())
/// ```
#[inline(never)]
pub fn capture(skip: usize, pcs: &mut [usize]) -> usize {
    capture_here(skip, pcs, &mut [])
}

/// As [`capture`], with the stack pointer of each frame in `sps`, which is as long as `pcs`.
#[inline(never)]
pub(crate) fn capture_sps(skip: usize, pcs: &mut [usize], sps: &mut [usize]) -> usize {
    capture_here(skip, pcs, sps)
}

/// Part of the frame of who calls it.
#[inline(always)]
fn capture_here(skip: usize, pcs: &mut [usize], sps: &mut [usize]) -> usize {
    let mark = 0_u8;
    // A frame's stack pointer lies at or below its locals: on this stack only our callers' are above `mark`.
    let above = core::hint::black_box(&raw const mark).addr();
    let (mut left, mut reached) = (skip, false);
    walker::walk_self(pcs, sps, |frame| {
        reached |= frame.sp > above;
        if !reached {
            return false;
        }
        let skipped = left > 0;
        left = left.saturating_sub(1);
        !skipped
    })
}

/// Writes frames in Go's layout: `func(...)`, then `\tfile:line +0xOFF`.
///
/// Inlined frames are shown too, without offset. Of more than 100 frames the first and the last 50
/// are written, and `...K frames elided...` between them. A path below the current directory is
/// written relative to it. At [`Level::System`] each line that has an offset ends in ` pc=0xADDR`, in dumps
/// after ` fp=0xADDR sp=0xADDR`. If [`Level::User`] would leave nothing, every frame is written.
///
/// Symbolises, which allocates and locks: not for signal handlers (see [`fatal`]).
///
/// # Errors
/// Those of `out`.
pub fn write_frames(pcs: &[usize], level: Level, out: &mut dyn fmt::Write) -> fmt::Result {
    text::write_frames(pcs, &[], level, out)
}

/// As [`write_frames`], with the stack pointers that lie beside `pcs`, if there are any.
pub(crate) fn write_frames_sps(
    pcs: &[usize],
    sps: &[usize],
    level: Level,
    out: &mut dyn fmt::Write,
) -> fmt::Result {
    text::write_frames(pcs, sps, level, out)
}

/// One function at one pc.
#[derive(Clone, Debug)]
pub struct PcLine {
    /// Demangled; `?` if it is not known.
    pub function: String,
    /// As in the debug information; empty if it is not known.
    pub file: String,
    /// 0 if it is not known.
    pub line: u32,
    /// Whether it is one that dumps of [`Level::User`] leave out.
    pub hidden: bool,
}

/// The functions at `pc`, a return address: the innermost first, all but the last inlined into the
/// next; and how far it is from the start of the last, if that is known. Never empty.
pub fn lines_of(pc: usize) -> (Vec<PcLine>, Option<usize>) {
    let symbols = symbol::symbols(pc);
    let line = |line: &symbol::Line| PcLine {
        function: line.function.clone().unwrap_or_else(|| "?".to_owned()),
        file: line.file.as_ref().map_or_else(String::new, |file| file.display().to_string()),
        line: line.line,
        hidden: line.is_hidden(),
    };
    (symbols.lines.iter().map(line).collect(), symbols.offset)
}

/// Writes one `\t0x...` line per pc to `fd`: for when symbolising is impossible.
///
/// Async-signal-safe. What `fd` does not take is lost.
pub fn write_raw(pcs: &[usize], fd: i32) {
    raw::write_pcs(pcs, fd);
}

/// Writes the registers that a signal found, one per line, as Go does.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write_registers(context: &libc::ucontext_t, out: &mut dyn fmt::Write) -> fmt::Result {
    arch::named_registers(context)
        .try_for_each(|(name, value)| writeln!(out, "{name:<6} {value:#x}"))
}

/// One frame as the system unwinder tells it.
#[derive(Clone, Copy, Debug)]
struct SystemFrame {
    ip: usize,
    sp: usize,
}

/// The address of a pc, for calls that take it as a pointer and do not follow it.
fn as_pointer(pc: usize) -> *mut c_void {
    core::ptr::without_provenance_mut(pc)
}
