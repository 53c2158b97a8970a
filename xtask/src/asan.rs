//! `test-all --asan`: the tests under AddressSanitizer, goroutines' stacks included, and leaks where all memory is
//! reachable for the sanitizer.
//!
//! 1. A machine without such a toolchain fails, and is told why.
//! 2. Leaks are looked for in crates that run on plain threads: what only a goroutine's stack points to would be
//!    reported, because the stacks are no memory that the sanitizer searches.

use std::time::Duration;

use crate::report::Report;
use crate::sanitize::{Sanitizer, Toolchain};
use crate::shell::Shell;

/// Crates whose tests run on plain threads.
const THREADS: [&str; 4] = ["prim", "lock", "timer", "sudog"];
/// The others.
const GOROUTINES: [&str; 8] =
    ["coro", "gopark", "hchan", "sync", "time", "runtime", "context", "xsync"];
const TESTS: [&str; 4] = ["it", "chan", "sync", "xsync"];
const LIMIT: Duration = Duration::from_secs(6 * 60);
const WHOLE_LIMIT: Duration = Duration::from_secs(15 * 60);

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    let toolchain = Toolchain::find(shell, Sanitizer::Address)?;
    let shell = shell.within(WHOLE_LIMIT);
    let mut report = Report::default();
    report.note(toolchain.words());
    let mut leaks = toolchain.cargo(&shell, &tests(&THREADS));
    leaks.env("ASAN_OPTIONS", "detect_leaks=1");
    report.absorb("asan threads, leaks", shell.run(leaks, LIMIT));
    report
        .absorb("asan goroutines", shell.run(toolchain.cargo(&shell, &tests(&GOROUTINES)), LIMIT));
    let targets: String = TESTS.iter().map(|name| format!(" --test {name}")).collect();
    let system = format!("test -p gaggle-tests --no-fail-fast{targets}");
    report.absorb("asan system", shell.run(toolchain.cargo(&shell, &system), LIMIT));
    Ok(report)
}

/// Doctests are left out: rustdoc would link them without the sanitizer.
fn tests(crates: &[&str]) -> String {
    let packages: String = crates.iter().map(|name| format!(" -p gaggle-{name}")).collect();
    format!("test{packages} --lib --tests --no-fail-fast")
}
