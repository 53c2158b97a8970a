//! The signal handler: decides whose fault it is, then reports or passes it on.
//!
//! Invariants: Ours Or Chained, Signal Safe (`overflow/mod.rs`), and
//! * **Old Before New**: the former actions are kept before our handler is installed and never change afterwards.

use core::ffi::{c_int, c_void};
use core::mem;
use core::ptr;
use std::io;
use std::sync::OnceLock;

use super::Fault;
use crate::stack::slab;
use crate::sync::{AtomicU32, Ordering};
use crate::sys;
use crate::{Registers, arch};

type Report = fn(&Fault) -> !;

/// What the handler needs.
struct Installed {
    report: Report,
    segv: libc::sigaction,
    bus: libc::sigaction,
}

/// Set once, before the handler is; the handler only reads it.
static INSTALLED: OnceLock<Installed> = OnceLock::new();
/// The thread that reports; 0 while nobody does.
static REPORTER: AtomicU32 = AtomicU32::new(0);

/// Installs the handler for SIGSEGV and SIGBUS, once per process; `report` gets every overflow of a stack of ours.
///
/// `report` runs on the thread's [`SignalStack`](super::SignalStack) and keeps to Signal Safe. [`report_raw`](super::report_raw)
/// is one. The former actions stay in force for every other fault.
///
/// # Errors
///
/// `AlreadyExists` the second time; else what `sigaction` said.
///
/// # Examples
///
/// ```
/// use gaggle_coro::overflow;
/// overflow::install(overflow::report_raw)?;
/// assert!(overflow::install(overflow::report_raw).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn install(report: Report) -> io::Result<()> {
    let installed =
        Installed { report, segv: current(libc::SIGSEGV)?, bus: current(libc::SIGBUS)? };
    if INSTALLED.set(installed).is_err() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // Old Before New: from here on.
    replace(libc::SIGSEGV)?;
    replace(libc::SIGBUS)
}

fn current(signal: c_int) -> io::Result<libc::sigaction> {
    // SAFETY: all zeros is a valid sigaction.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    // SAFETY: only asks.
    check(unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) })?;
    Ok(action)
}

fn replace(signal: c_int) -> io::Result<()> {
    // SAFETY: all zeros is a valid sigaction with an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    let handler: unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = handle;
    action.sa_sigaction = handler as libc::sighandler_t;
    // NODEFER: a fault inside the handler must reach it, or the kernel kills us without a word.
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
    // SAFETY: the handler keeps to Signal Safe.
    check(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) })
}

fn check(rc: c_int) -> io::Result<()> {
    if rc == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The handler.
///
/// # Safety
///
/// Called by the kernel, with its arguments.
unsafe extern "C" fn handle(signal: c_int, info: *mut libc::siginfo_t, ucontext: *mut c_void) {
    let Some(installed) = INSTALLED.get() else { return };
    // SAFETY: the kernel's siginfo.
    if unsafe { (*info).si_code } <= 0 {
        // Somebody sent it. `std`'s handler would swallow it; it means death.
        return die_by(signal);
    }
    // SAFETY: the kernel's arguments.
    if let Some(fault) = unsafe { classify(info, ucontext) } {
        claim_report();
        (installed.report)(&fault);
    }
    let old = if signal == libc::SIGBUS { &installed.bus } else { &installed.segv };
    // SAFETY: the kernel's arguments; Old Before New.
    unsafe { chain(old, signal, info, ucontext) };
}

/// The registers that a signal interrupted; none where no walker could use them.
///
/// # Safety
///
/// `ucontext` is the third argument of an `SA_SIGINFO` handler that has not returned.
#[must_use]
pub unsafe fn interrupted(ucontext: *mut c_void) -> Option<Registers> {
    // SAFETY: passed on.
    unsafe { arch::fault_registers(ucontext) }
}

/// The fault as ours, if it is (Ours Or Chained).
///
/// # Safety
///
/// The arguments are those of a handler that has not returned; the kernel raised the signal.
unsafe fn classify(info: *mut libc::siginfo_t, ucontext: *mut c_void) -> Option<Fault> {
    // SAFETY: passed on.
    let info = unsafe { &*info };
    // SAFETY: a fault carries its address.
    let addr = unsafe { info.si_addr() }.addr();
    // SAFETY: passed on.
    let regs = unsafe { arch::fault_registers(ucontext) }?;
    let slot = slab::find(addr)?;
    let limit = slot.base + sys::page();
    let in_guard = addr < limit;
    let on_this_stack = slab::find(regs.sp) == Some(slot);
    let fault = Fault { addr, regs, limit, top: slot.base + slot.size, size: slot.size, ucontext };
    (in_guard && on_this_stack).then_some(fault)
}

/// Lets one thread report. Another one that overflows meanwhile waits for the end of the process; the reporter itself, if it
/// faults again, ends it: what it wrote so far is what there is.
fn claim_report() {
    // SAFETY: only asks.
    let me = unsafe { libc::syscall(libc::SYS_gettid) } as u32;
    // Relaxed both: the word decides who goes on; nothing is read through it.
    match REPORTER.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => {}
        Err(first) if first == me => sys::exit_fatal(),
        Err(_) => loop {
            // SAFETY: sleeps until a signal, again and again.
            unsafe { libc::pause() };
        },
    }
}

/// Passes the fault on to whoever handled it before us.
///
/// # Safety
///
/// The arguments are those of our handler, `old` is the action it replaced.
unsafe fn chain(
    old: &libc::sigaction,
    signal: c_int,
    info: *mut libc::siginfo_t,
    ucontext: *mut c_void,
) {
    match old.sa_sigaction {
        // The kernel does not let a fault be ignored either. Returning repeats it, with the right pc in the core dump.
        libc::SIG_DFL | libc::SIG_IGN => set_default(signal),
        action if old.sa_flags & libc::SA_SIGINFO != 0 => {
            type Action = unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);
            // SAFETY: SA_SIGINFO says that this is such a function.
            let action = unsafe { mem::transmute::<usize, Action>(action) };
            // SAFETY: called as the kernel would.
            unsafe { action(signal, info, ucontext) };
        }
        action => {
            // SAFETY: without SA_SIGINFO it takes the number only.
            let action = unsafe { mem::transmute::<usize, unsafe extern "C" fn(c_int)>(action) };
            // SAFETY: called as the kernel would.
            unsafe { action(signal) };
        }
    }
}

fn set_default(signal: c_int) {
    // SAFETY: SIG_DFL runs nothing.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// Dies of a signal that somebody sent.
fn die_by(signal: c_int) {
    set_default(signal);
    // SAFETY: the default action ends the process.
    unsafe { libc::raise(signal) };
}
