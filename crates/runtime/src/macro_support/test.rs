//! One test as a program of its own: a main goroutine that joins the test's goroutine.
//!
//! The body runs on a goroutine that main joins, so that neither its panic nor its goexit is
//! main's: the panic goes on where the test harness expects it, on the thread it called.
//!
//! *One At A Time*: `run` serves its callers one after the other, so goroutines that appear during
//! a test are its own, also where the harness runs tests in parallel (SEMANTICS AE3 is about Go). One that
//! may still go on is a warning; one that nobody can wake is a failure, and a crate above knows those.

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
    /// What becomes of a test that leaks.
    pub leaks: Leaks,
}

/// What becomes of a test that leaves goroutines behind which nobody can wake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaks {
    /// It fails.
    Fail,
    /// It passes, with the warning for whatever is left behind.
    Allow,
}

/// Who knows leaks: looks at who is there before a test, and says which of those that are left behind can
/// never go on.
#[derive(Clone, Copy, Debug)]
pub struct LeakCheck<S> {
    /// Before the body.
    pub before: fn() -> S,
    /// After it, if goroutines are left behind.
    pub after: fn(S) -> Option<String>,
}

/// Runs `f` as a test: its panics are panics of the caller, it ends within a time, it leaks nothing, our race detector
/// reports nothing while it runs (SEMANTICS Z3), and goroutines that it leaves behind are counted on stderr.
///
/// # Safety
///
/// That of [`run`](crate::run).
#[doc(hidden)]
#[track_caller]
pub unsafe fn test_entry<F, T, S>(setup: Setup, check: LeakCheck<S>, f: F) -> ExitCode
where
    F: FnOnce() -> T + Send + 'static,
    T: Termination,
    S: 'static,
{
    let (name, leaks, races) = (setup.name, setup.leaks, gaggle_race::found());
    watchdog::prepare();
    let main = move || {
        watchdog::start(setup.name, setup.limit);
        let old_procs = set_procs(setup.procs);
        let (before, seen) = (crate::num_goroutine(), (check.before)());
        let end = crate::spawn(move || f().report()).join();
        let left = left_behind(before);
        set_procs(old_procs);
        let asked = leaks == Leaks::Fail && left > 0 && end.is_ok();
        let leaked = asked.then(|| (check.after)(seen)).flatten();
        watchdog::stop();
        (end, left, leaked)
    };
    // SAFETY: the caller's promise, passed on.
    let (end, left, leaked) = unsafe { crate::run(main) };
    if let Some(leaked) = leaked {
        panic!("test {name} leaks goroutines that nobody can wake:\n\n{leaked}");
    }
    if left > 0 {
        warn(name, left);
    }
    match end {
        Ok(_) if gaggle_race::found() > races => panic!("race detected during execution of test"),
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
