//! SIGQUIT ends the process with a dump of all goroutines, unless the program handles it itself
//! (SEMANTICS V5).
//!
//! The handler keeps where it struck and wakes the thread for crash reports, which may allocate and
//! take locks. *First Strike*: only the first signal writes to `STRIKE`, and the thread reads it
//! after it was woken for that.
//! *Small Stack*: the thread may be a plain one, whose signal stack std has made: of its 8 KiB the kernel's frame takes a half where
//! there are wide registers. The handler has nothing large on it, in a debug build either.

use crate::traceback::{fatal, write_registers};
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::mem::{self, MaybeUninit};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};
use gaggle_sched::{Quit, QuitOf, m_in_handler, report_quit, with_quit_signal};

const SIGNAL: c_int = libc::SIGQUIT;

/// What the handler keeps.
struct Strike {
    quit: UnsafeCell<MaybeUninit<Quit>>,
    context: UnsafeCell<MaybeUninit<libc::ucontext_t>>,
}

// SAFETY: First Strike.
unsafe impl Sync for Strike {}

static STRIKE: Strike = Strike {
    quit: UnsafeCell::new(MaybeUninit::uninit()),
    context: UnsafeCell::new(MaybeUninit::uninit()),
};
static STRIKES: AtomicU32 = AtomicU32::new(0);

/// Installs the handler if nobody has another one for the signal. That the process was started with the
/// signal ignored, as shells do for what runs in the background, is no handler (as in Go). Where the program has already said
/// what the signal does, it is left for when the program gives that back. Once, before the first goroutine.
pub(crate) fn install() {
    // SAFETY: all zeros is a valid sigaction with an empty mask.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    let handler: unsafe extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) = handle;
    action.sa_sigaction = handler as libc::sighandler_t;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
    with_quit_signal(|signal| {
        if signal.of == QuitOf::Program {
            signal.runtime = Some(action);
        } else if has_no_handler() {
            signal.runtime = Some(action);
            // SAFETY: the handler is async-signal-safe. A refusal leaves the signal its default action.
            unsafe { libc::sigaction(SIGNAL, &raw const action, ptr::null_mut()) };
        }
    });
}

fn has_no_handler() -> bool {
    let mut before = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: only asks.
    if unsafe { libc::sigaction(SIGNAL, ptr::null(), before.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: the call filled it in.
    matches!(unsafe { before.assume_init() }.sa_sigaction, libc::SIG_DFL | libc::SIG_IGN)
}

/// The handler.
///
/// # Safety
///
/// Called by the kernel, with its arguments.
unsafe extern "C" fn handle(_: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // Relaxed: one wins; the report thread's word orders what it writes.
    if STRIKES.fetch_add(1, Ordering::Relaxed) > 0 {
        return;
    }
    // SAFETY: the kernel's argument, of a handler that has not returned.
    let pc = unsafe { gaggle_coro::overflow::interrupted(context) }.map_or(0, |regs| regs.ip);
    // SAFETY: the kernel's argument.
    let code = unsafe { (*info).si_code };
    // SAFETY: First Strike. The kernel's argument is a ucontext_t, copied bit by bit to where it is kept (Small Stack).
    unsafe { ptr::copy_nonoverlapping(context.cast(), STRIKE.context.get(), 1) };
    // SAFETY: First Strike.
    let quit = unsafe { &mut *STRIKE.quit.get() };
    quit.write(Quit { pc, m: m_in_handler(), code });
    fatal::wake_for_quit();
}

/// What the thread for crash reports does when it was woken for a quit.
pub(crate) fn report() -> ! {
    // SAFETY: First Strike: nobody writes to it any more.
    let quit = unsafe { &*STRIKE.quit.get() };
    // SAFETY: as above.
    let context = unsafe { &*STRIKE.context.get() };
    // SAFETY: First Strike: written before the thread was woken.
    let quit = unsafe { quit.assume_init_ref() };
    // SAFETY: as above.
    let context = unsafe { context.assume_init_ref() };
    let mut registers = String::new();
    let _ = write_registers(context, &mut registers); // a String takes everything
    report_quit(*quit, &registers)
}
