//! `test-all --race`: every crate, test and example under ThreadSanitizer, and our own detector beside it.
//!
//! | part | what runs | what orders (`GAGGLE_TSAN`) |
//! |---|---|---|
//! | detector | the suites of Go's detector before ours, and the racy example with what mends it, on this toolchain, without a sanitizer | the language |
//! | planted | the same broken programs and their mended forms, a process each: the program `tests::race` | the language (`program`) |
//! | tests | every other test program of the workspace | all that the code does (`runtime`) |
//! | examples | each example: it must be quiet; the racy one must not | the language |
//!
//! 1. A machine without such a toolchain fails, and is told why.
//! 2. All is built once, and runs as many at once as there are processors; the whole run ends within [`WHOLE_LIMIT`].

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
    --features gaggle-tests/race --lib --bins --tests --no-run";
/// With what was built for the tests: a choice of fewer packages would choose other features, and build everything again.
const EXAMPLES: &str = "build --workspace --exclude xtask --exclude gaggle-benches --exclude gaggle-macros \
    --features gaggle-tests/race --examples";
const REPORTS: &[&str] = &["WARNING: ThreadSanitizer", "ERROR: ThreadSanitizer"];
const NOTES: &str = "race: not run: doctests: rustdoc links them without the sanitizer; \
    benches: they run libraries whose switches the sanitizer is not told of; xtask: has no goroutine; \
    macros: run in the compiler, which is not built with it";
/// The planted races: what the language orders is all that counts.
const PLANTED: &str = "tests::race";
/// The examples and their promises: programs of users, too.
const PROMISES: &str = "tests::it";
const LIMIT: Duration = Duration::from_secs(6 * 60);
const PROGRAM_LIMIT: Duration = Duration::from_secs(2 * 60);
const WHOLE_LIMIT: Duration = Duration::from_secs(15 * 60);
const DETECTOR: &str = "test -p gaggle-tests --features race --test race --test race_in_test";

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    run_with(shell, find(shell)?)
}

/// The toolchain to use, or why there is none.
pub(crate) fn find(shell: &Shell) -> Result<Toolchain, String> {
    Toolchain::find(shell, Sanitizer::Thread)
}

pub(crate) fn run_with(shell: &Shell, toolchain: Toolchain) -> Result<Report, String> {
    let shell = shell.within(WHOLE_LIMIT);
    let mut report = Report::default();
    report.note(toolchain.words());
    report.absorb("race detector", shell.run(shell.cargo(DETECTOR), LIMIT));
    examples::before_ours(&shell, &mut report);
    let programs =
        fleet::build(&shell, "race build", || toolchain.cargo(&shell, BUILD), &mut report);
    let tell = |program: &Program, command: &mut Command| {
        toolchain.watch(&shell, command);
        command.env(fleet::EXAMPLES_ARE_BUILT, "1");
        command.env("GAGGLE_TOUR_SCALE", examples::SCALE);
        if ![PLANTED, PROMISES].contains(&&*program.name) {
            command.env("GAGGLE_TSAN", "runtime");
        }
    };
    let run = Run {
        label: "race",
        limit: PROGRAM_LIMIT,
        left_out: &left_out::by(Sanitizer::Thread),
        reports: REPORTS,
        tell: &tell,
    };
    // Before the tests: some of them run examples.
    let build = shell.run(toolchain.cargo(&shell, EXAMPLES), LIMIT);
    let built = build.failure.is_none();
    report.absorb("race examples, built", build);
    if built {
        examples::under_tsan(&shell, toolchain, &mut report);
    }
    fleet::run(&shell, &programs, &run, &mut report);
    report.note(NOTES);
    Ok(report)
}
