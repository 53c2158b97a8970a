//! One test as a program of its own: a main goroutine that joins the test's goroutine.
//!
//! The body runs on a goroutine that main joins, so that neither its panic nor its goexit is
//! main's: the panic goes on where the test harness expects it, on the thread it called.
//!
//! *One At A Time*: `run` serves its callers one after the other, so goroutines that appear during
//! a test are its own; what tests without the attribute start at the time is not told apart
//! (SEMANTICS AE3), and so leftovers are a warning and no failure.

use super::{set_procs, watchdog};
use std::io::Write;
use std::process::{ExitCode, Termination};
use std::time::{Duration, Instant};

/// How long the others may run on before a goroutine counts as left behind (SEMANTICS AE1): one
/// that has ended still counts until its M has come around.
const GRACE: Duration = Duration::from_millis(400);

/// What the attribute says about a test.
#[derive(Debug)]
pub struct Setup {
    /// The path of the test.
    pub name: &'static str,
    /// The number of Ps, if it asks for one.
    pub procs: Option<usize>,
    /// After how long it counts as hanging.
    pub limit: Duration,
}

/// Runs `f` as a test: its panics are panics of the caller, it ends within a time, and goroutines
/// that it leaves behind are named on stderr.
///
/// # Safety
///
/// That of [`run`](crate::run).
#[doc(hidden)]
#[track_caller]
pub unsafe fn test_entry<F, T>(setup: Setup, f: F) -> ExitCode
where
    F: FnOnce() -> T + Send + 'static,
    T: Termination,
{
    watchdog::prepare();
    let main = move || {
        watchdog::start(setup.name, setup.limit);
        let old_procs = set_procs(setup.procs);
        let before = crate::num_goroutine();
        let end = crate::spawn(move || f().report()).join();
        let left = left_behind(before);
        set_procs(old_procs);
        watchdog::stop();
        (end, left)
    };
    // SAFETY: the caller's promise, passed on.
    let (end, left) = unsafe { crate::run(main) };
    if left > 0 {
        warn(setup.name, left);
    }
    match end {
        Ok(code) => code,
        Err(panic) if panic.is_goexit() => panic!("test executed runtime.Goexit"),
        Err(panic) => panic.resume(),
    }
}

/// How many goroutines more than `before` have not ended within the time of grace.
fn left_behind(before: usize) -> usize {
    let begin = Instant::now();
    loop {
        let left = crate::num_goroutine().saturating_sub(before);
        if left == 0 || begin.elapsed() > GRACE {
            return left;
        }
        crate::gosched();
    }
}

fn warn(name: &str, left: usize) {
    // Not eprintln: the harness would keep it from who reads. A failed write leaves nobody to tell.
    let _ = writeln!(
        std::io::stderr(),
        "gaggle: warning: test {name} has ended, but {left} of its goroutines have not"
    );
}
