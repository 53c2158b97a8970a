//! What the scheduler's crash reports are made with: our tracebacks, given to its hook.
//!
//! *Once*: the first [`run`](crate::run) reads the unwind tables, starts the thread that
//! symbolises for signal handlers and fills the hook, before the first goroutine runs.
//! *Stands Still*: the scheduler asks for walks of goroutines that are off their stacks, with the
//! registers they saved there, and reports an overflow from the handler of that very fault.

use crate::traceback::{self, Level, fatal};
use core::fmt::{self, Write as _};
use core::ops::Range;
use gaggle_coro::overflow::Fault;
use gaggle_race::stacks::Stacks;
use gaggle_sched::{Frames, Trace, Traceback, Victim};
use std::sync::Once;

static TRACEBACK: Traceback = Traceback { capture, walk, write, overflow };
static STACKS: Stacks = Stacks { capture: capture_pcs, write: write_users };

/// As many as the printer shows, and what it leaves out between them.
const FRAMES: usize = 256;

/// Fills the hook, once per process.
pub(crate) fn install() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        traceback::prepare();
        // A thread that cannot be started leaves overflow reports with raw addresses.
        if fatal::prepare().is_ok() {
            gaggle_sched::register_own_thread();
        }
        gaggle_sched::set_traceback(&TRACEBACK);
        gaggle_race::stacks::set(&STACKS);
        crate::quit::install();
    });
}

fn capture(pcs: &mut [usize], sps: &mut [usize]) -> usize {
    traceback::capture_sps(1, pcs, sps)
}

fn capture_pcs(pcs: &mut [usize]) -> usize {
    traceback::capture_sps(1, pcs, &mut [])
}

fn walk(
    regs: gaggle_coro::Registers,
    stack: Range<usize>,
    pcs: &mut [usize],
    sps: &mut [usize],
) -> usize {
    // SAFETY: Stands Still. Modules are not unloaded under a running program of this kind.
    unsafe { traceback::walk_sps(translate(regs), stack, pcs, sps) }
}

fn write(trace: Trace<'_>, frames: Frames, out: &mut dyn fmt::Write) -> fmt::Result {
    let level = match frames {
        Frames::User => Level::User,
        Frames::System => Level::System,
    };
    traceback::write_frames_sps(trace.pcs, trace.sps, level, out)
}

fn write_users(pcs: &[usize], out: &mut dyn fmt::Write) -> fmt::Result {
    traceback::write_frames(pcs, Level::User, out)
}

/// Runs in the signal handler of the overflow: nothing here allocates.
fn overflow(fault: &Fault, victim: Victim) -> ! {
    let mut pcs = [0; FRAMES];
    // SAFETY: Stands Still; from `limit` to `top` the stack is mapped.
    let count =
        unsafe { traceback::walk_fault(translate(fault.regs), fault.limit..fault.top, &mut pcs) };
    let mut header = Line { bytes: [0; 512], len: 0 };
    // It fits; a longer file name is left out as a whole.
    let _ = write!(header, "\ngoroutine {} [running]:\n", victim.goid);
    let mut origin = Line { bytes: [0; 512], len: 0 };
    if let Some(site) = victim.site {
        let _ = match victim.parent {
            0 => write!(origin, "created by go statement on a plain thread\n\t{site}\n"),
            parent => write!(origin, "created by go statement in goroutine {parent}\n\t{site}\n"),
        };
    }
    let (header, origin) = (&header.bytes[..header.len], &origin.bytes[..origin.len]);
    fatal::report(header, &pcs[..count], origin, gaggle_sched::end_after_overflow)
}

fn translate(regs: gaggle_coro::Registers) -> traceback::Registers {
    traceback::Registers { ip: regs.ip, sp: regs.sp, fp: regs.fp }
}

/// A short text without the heap.
struct Line {
    bytes: [u8; 512],
    len: usize,
}

impl core::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
