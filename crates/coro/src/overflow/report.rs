//! What is written when a stack overflows: Go's three lines, then raw addresses if nobody knows better.
//!
//! Invariant: Signal Safe (`overflow/mod.rs`).

use core::ffi::{c_int, c_void};
use core::fmt::{self, Write};

use super::Fault;
use crate::sys;

/// Frames that `report_raw` prints at most, counted from the innermost.
const FRAMES: usize = 100;

/// Standard error, written to directly.
struct Stderr;

impl Write for Stderr {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        sys::write_stderr(text.as_bytes());
        Ok(())
    }
}

/// Collects one text so that it goes out in one piece.
struct Line {
    bytes: [u8; 256],
    len: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

fn say(text: fmt::Arguments<'_>) {
    let mut line = Line { bytes: [0; 256], len: 0 };
    if line.write_fmt(text).is_ok() {
        sys::write_stderr(&line.bytes[..line.len]);
    } else {
        // Longer than a line: in pieces rather than not at all. `Stderr` never fails.
        let _ = Stderr.write_fmt(text);
    }
}

/// Writes Go's header of an overflow to standard error (SEMANTICS D8), its last line after `indent`; async-signal-safe.
pub fn write_header(fault: &Fault, indent: &str) {
    let &Fault { size, limit, top, .. } = fault;
    let sp = fault.regs.sp;
    say(format_args!(
        "runtime: goroutine stack exceeds {size}-byte limit\n\
         runtime: sp={sp:#x} stack=[{limit:#x}, {top:#x}]\n\
         {indent}fatal error: stack overflow\n"
    ));
}

/// A report for programs without a better one: the header, the raw return addresses, exit code 2.
pub fn report_raw(fault: &Fault) -> ! {
    write_header(fault, "");
    write_raw(fault);
    sys::exit_fatal()
}

/// Writes the raw return addresses to standard error. In the handler of that fault.
pub fn write_raw(fault: &Fault) {
    say(format_args!("\nraw stack (addresses to give to addr2line):\n"));
    let mut walk = Walk { from: fault.regs.ip, found: false, left: FRAMES };
    // SAFETY: `frame` keeps to what the unwinder allows and `walk` outlives the call.
    unsafe { _Unwind_Backtrace(frame, (&raw mut walk).cast()) };
    if !walk.found {
        // The unwinder did not get past the signal frame.
        say(format_args!("\t{:#x}\n", fault.regs.ip));
    }
}

/// A stack was found overflowed when it came back (`GuardKind::Shared`).
#[cold]
pub(crate) fn found_late(size: usize) -> ! {
    say(format_args!("runtime: goroutine stack exceeds {size}-byte limit\n"));
    gaggle_prim::fatal!("stack overflow (found late: stacks share guards on this system)")
}

/// State of a walk: frames above `from` belong to the handler.
struct Walk {
    from: usize,
    found: bool,
    left: usize,
}

unsafe extern "C" {
    // Of the unwinder that `std` links anyway.
    fn _Unwind_Backtrace(
        each: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        data: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
}

/// One frame of the walk; 0 goes on.
///
/// # Safety
///
/// Called by `_Unwind_Backtrace` with the `Walk` it was given.
unsafe extern "C" fn frame(context: *mut c_void, data: *mut c_void) -> c_int {
    // SAFETY: the unwinder passes its own context on.
    let ip = unsafe { _Unwind_GetIP(context) };
    // SAFETY: the walk that `report_raw` gave, used by nobody else meanwhile.
    let walk = unsafe { &mut *data.cast::<Walk>() };
    walk.found |= ip == walk.from;
    if ip == 0 || walk.left == 0 {
        return 5; // _URC_END_OF_STACK; the root's caller is told as 0
    }
    if walk.found {
        walk.left -= 1;
        say(format_args!("\t{ip:#x}\n"));
    }
    0
}
