//! What `#[gaggle::main]` and `#[gaggle::test]` expand to. Not for direct use; no promises.

mod test;
mod watchdog;

use std::process::{ExitCode, Termination};
pub use test::{LeakCheck, Leaks, Setup, test_entry};

/// Sets the number of Ps if the attribute names one; a main goroutine's first act. Returns what
/// restores it.
fn set_procs(procs: Option<usize>) -> Option<usize> {
    procs.map(crate::gomaxprocs)
}

/// Runs `f` as the main goroutine. The code is for the real `main` to return, which ends the
/// process without waiting for the other goroutines (SEMANTICS A4).
///
/// # Safety
///
/// That of [`run`](crate::run).
#[doc(hidden)]
#[track_caller]
pub unsafe fn main_entry<F, T>(procs: Option<usize>, f: F) -> ExitCode
where
    F: FnOnce() -> T + Send + 'static,
    T: Termination,
{
    let main = move || {
        set_procs(procs);
        f().report()
    };
    // SAFETY: the caller's promise, passed on.
    unsafe { crate::run(main) }
}
