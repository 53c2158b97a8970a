//! What the traceback tests share: registers of the caller, the bounds of this thread's stack,
//! children.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::ops::Range;
use std::process::{Command, Output};

use gaggle_runtime::traceback::Registers;

/// The registers at the place of this macro's use, in the function that uses it.
#[macro_export]
macro_rules! registers_here {
    () => {{
        let (ip, sp, fp): (usize, usize, usize);
        // SAFETY: reads registers only.
        unsafe {
            core::arch::asm!(
                "lea {ip}, [rip + 2f]",
                "mov {sp}, rsp",
                "mov {fp}, rbp",
                "2: nop",
                ip = out(reg) ip, sp = out(reg) sp, fp = out(reg) fp,
                options(nomem, nostack, preserves_flags),
            )
        };
        gaggle_runtime::traceback::Registers { ip, sp, fp }
    }};
}

/// The stack of the calling thread.
pub(crate) fn own_stack() -> Range<usize> {
    let mut attr = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: no precondition.
    let this = unsafe { libc::pthread_self() };
    // SAFETY: queries the calling thread, into storage of the right type.
    let result = unsafe { libc::pthread_getattr_np(this, attr.as_mut_ptr()) };
    assert_eq!(result, 0);
    let (mut start, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: initialised by the call above, which succeeded.
    unsafe { libc::pthread_attr_getstack(attr.as_ptr(), &raw mut start, &raw mut size) };
    // SAFETY: as above, and not used afterwards.
    unsafe { libc::pthread_attr_destroy(attr.as_mut_ptr()) };
    start.addr()..start.addr() + size
}

/// The registers of a suspended thread, its stack, and what the system unwinder said of it.
#[derive(Debug)]
pub(crate) struct Standing {
    pub(crate) regs: Registers,
    pub(crate) stack: Range<usize>,
    pub(crate) expected: Vec<usize>,
}

/// All return addresses above the function that calls this one, by the system unwinder.
#[inline(never)]
pub(crate) fn system_pcs() -> Vec<usize> {
    let mut pcs = Vec::new();
    backtrace::trace(|frame| {
        pcs.push(frame.ip().addr());
        true
    });
    pcs.retain(|&pc| pc != 0);
    pcs
}

/// The name of the function at a return address.
pub(crate) fn name_of(pc: usize) -> String {
    let mut names = Vec::new();
    backtrace::resolve(std::ptr::without_provenance_mut(pc), |symbol| {
        names.push(symbol.name().map(|name| format!("{name:#}")).unwrap_or_default());
    });
    names.join(" in ")
}

/// Says which child to be; absent in a normal run.
pub(crate) const CHILD: &str = "GAGGLE_TEST_CHILD";

/// Runs the test `name` of this binary alone, as a child that knows it is one.
pub(crate) fn run_child(name: &str) -> Output {
    Command::new(std::env::current_exe().expect("own path"))
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CHILD, name)
        .output()
        .expect("child runs")
}

/// Are we the child that `run_child(name)` started?
pub(crate) fn is_child(name: &str) -> bool {
    std::env::var_os(CHILD).is_some_and(|child| child == name)
}
