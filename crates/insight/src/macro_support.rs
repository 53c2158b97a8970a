//! What `#[gaggle::main]` and `#[gaggle::test]` expand to. Not for direct use; no promises.

use crate::leak::{Leak, leaks};
use crate::watch::watch_if_asked;
use gaggle_runtime::macro_support::{LeakCheck, test_entry as entry};
pub use gaggle_runtime::macro_support::{Leaks, Setup};
use gaggle_sched::goids;
use std::collections::HashSet;
use std::fmt::Write;
use std::process::{ExitCode, Termination};

/// Runs `f` as the main goroutine, watched if the environment asks for it.
///
/// # Safety
///
/// That of [`run`](gaggle_runtime::run).
#[doc(hidden)]
#[track_caller]
pub unsafe fn main_entry<F, T>(procs: Option<usize>, f: F) -> ExitCode
where
    F: FnOnce() -> T + Send + 'static,
    T: Termination,
{
    watch_if_asked();
    // SAFETY: the caller's promise, passed on.
    unsafe { gaggle_runtime::macro_support::main_entry(procs, f) }
}

/// Runs `f` as a test that fails if it leaks.
///
/// # Safety
///
/// That of [`run`](gaggle_runtime::run).
#[doc(hidden)]
#[track_caller]
pub unsafe fn test_entry<F, T>(setup: Setup, f: F) -> ExitCode
where
    F: FnOnce() -> T + Send + 'static,
    T: Termination,
{
    let check = LeakCheck { before: who_is_there, after: new_leaks };
    // SAFETY: the caller's promise, passed on.
    unsafe { entry(setup, check, f) }
}

fn who_is_there() -> HashSet<u64> {
    goids().into_iter().collect()
}

/// The leaks among those who were not there, nor started by who was, nor by a plain thread, which may be
/// another test's.
fn new_leaks(there: HashSet<u64>) -> Option<String> {
    let is_new = |leak: &&Leak| {
        let parent = leak.goroutine().parent();
        !there.contains(&leak.goid()) && parent != 0 && !there.contains(&parent)
    };
    let mut text = String::new();
    for leak in leaks().leaks().iter().filter(is_new) {
        let _never_fails = writeln!(text, "{leak}");
    }
    (!text.is_empty()).then_some(text)
}
