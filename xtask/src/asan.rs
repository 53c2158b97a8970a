//! `test-all --asan`: every test under AddressSanitizer, goroutines' stacks included, and leaks where all memory is
//! reachable for the sanitizer.
//!
//! 1. A machine without such a toolchain fails, and is told why.
//! 2. Leaks are looked for in crates that run on plain threads: what only a goroutine's stack points to would be
//!    reported, because the stacks are no memory that the sanitizer searches.
//! 3. All is built once, and runs as many at once as there are processors; the whole run ends within [`WHOLE_LIMIT`].

use std::process::Command;
use std::time::Duration;

use crate::examples;
use crate::fleet::{self, Program, Run};
use crate::left_out;
use crate::report::Report;
use crate::sanitize::{Sanitizer, Toolchain};
use crate::shell::Shell;

/// All but this program, what runs in the compiler, and what compares us with libraries whose switches the sanitizer is
/// not told of.
const BUILD: &str = "test --workspace --exclude xtask --exclude gaggle-benches --exclude gaggle-macros \
    --lib --bins --tests --no-run";
/// With what was built for the tests: a choice of fewer packages would choose other features, and build everything again.
const EXAMPLES: &str =
    "build --workspace --exclude xtask --exclude gaggle-benches --exclude gaggle-macros --examples";
/// Packages whose tests run on plain threads, but `timer`: its tests leak what lives for ever, and say so.
const THREADS: [&str; 3] = ["prim", "lock", "sudog"];
const NOTES: &str = "asan: not run: doctests: rustdoc links them without the sanitizer; \
    benches: they run libraries whose switches the sanitizer is not told of; xtask: has no goroutine; \
    macros: run in the compiler, which is not built with it";
const REPORTS: &[&str] = &["ERROR: AddressSanitizer", "ERROR: LeakSanitizer"];
const LIMIT: Duration = Duration::from_secs(6 * 60);
const PROGRAM_LIMIT: Duration = Duration::from_secs(2 * 60);
const WHOLE_LIMIT: Duration = Duration::from_secs(15 * 60);

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    let toolchain = Toolchain::find(shell, Sanitizer::Address)?;
    let shell = shell.within(WHOLE_LIMIT);
    let mut report = Report::default();
    report.note(toolchain.words());
    let programs =
        fleet::build(&shell, "asan build", || toolchain.cargo(&shell, BUILD), &mut report);
    let tell = |program: &Program, command: &mut Command| {
        toolchain.watch(&shell, command);
        command.env(fleet::EXAMPLES_ARE_BUILT, "1");
        command.env("GAGGLE_TOUR_SCALE", examples::SCALE);
        let package = program.name.split("::").next().unwrap_or_default();
        if THREADS.contains(&package) {
            command.env("ASAN_OPTIONS", "detect_leaks=1");
        }
    };
    let run = Run {
        label: "asan",
        limit: PROGRAM_LIMIT,
        left_out: &left_out::by(Sanitizer::Address),
        reports: REPORTS,
        tell: &tell,
    };
    // Before the tests: some of them run examples.
    report.absorb("asan examples, built", shell.run(toolchain.cargo(&shell, EXAMPLES), LIMIT));
    fleet::run(&shell, &programs, &run, &mut report);
    report.note(NOTES);
    Ok(report)
}
