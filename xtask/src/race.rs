//! `test-all --race`: every crate, test and example under ThreadSanitizer, and our own detector beside it.
//!
//! | part | what runs | what orders (`GAGGLE_TSAN`) |
//! |---|---|---|
//! | detector | the suites of Go's detector before ours, on this toolchain, without a sanitizer | the language |
//! | planted | the same broken programs and their mended forms, a process each: the program `tests::race` | the language (`program`) |
//! | tests | every other test program of the workspace | all that the code does (`runtime`) |
//! | examples | each example: it must be quiet; the racy one must not | the language |
//!
//! 1. A machine without such a toolchain fails, and is told why.
//! 2. All is built once, and runs as many at once as there are processors; the whole run ends within [`WHOLE_LIMIT`].

use std::process::Command;
use std::time::Duration;

use crate::fleet::{self, Program, Run};
use crate::left_out;
use crate::report::Report;
use crate::sanitize::{Sanitizer, Toolchain};
use crate::shell::Shell;

/// All but this program, what runs in the compiler, and what compares us with libraries whose switches the sanitizer is
/// not told of.
const BUILD: &str = "test --workspace --exclude xtask --exclude gaggle-benches --exclude gaggle-macros \
    --features gaggle-tests/race --lib --bins --tests --no-run";
const EXAMPLES: &str = "build -p gaggle --examples";
const REPORTS: &[&str] = &["WARNING: ThreadSanitizer", "ERROR: ThreadSanitizer"];
const NOTES: &str = "race: not run: doctests: rustdoc links them without the sanitizer; \
    benches: they run libraries whose switches the sanitizer is not told of; xtask: has no goroutine; \
    macros: run in the compiler, which is not built with it";
/// The planted races: what the language orders is all that counts.
const PLANTED: &str = "tests::race";
/// The examples and their promises: programs of users, too.
const PROMISES: &str = "tests::it";
/// The one example that races, as its guide says.
const RACY: &str = "s4_listing09_race";
const LIMIT: Duration = Duration::from_secs(6 * 60);
const PROGRAM_LIMIT: Duration = Duration::from_secs(2 * 60);
const ONE_LIMIT: Duration = Duration::from_secs(60);
const WHOLE_LIMIT: Duration = Duration::from_secs(15 * 60);
const DETECTOR: &str = "test -p gaggle-tests --features race --test race";

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
    let programs =
        fleet::build(&shell, "race build", || toolchain.cargo(&shell, BUILD), &mut report);
    let tell = |program: &Program, command: &mut Command| {
        toolchain.watch(&shell, command);
        command.env(fleet::EXAMPLES_ARE_BUILT, "1");
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
        examples(&shell, toolchain, &mut report);
    }
    fleet::run(&shell, &programs, &run, &mut report);
    report.note(NOTES);
    Ok(report)
}

/// Runs each example: the racy one must be reported, the others not.
fn examples(shell: &Shell, toolchain: Toolchain, report: &mut Report) {
    let folder = toolchain.programs(shell).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with('s') && !name.contains(['.', '-']))
        .collect();
    names.sort();
    let ends = fleet::in_lanes(&names, |name| {
        let mut command = shell.command(folder.join(name));
        toolchain.watch(shell, &mut command);
        command.env("GAGGLE_TOUR_SCALE", "0.05");
        let words = shell.output(command, ONE_LIMIT).unwrap_or_else(|error| error);
        (name.clone(), words)
    });
    verdict(&ends, report);
}

/// One example must be reported, and no other.
fn verdict(ends: &[(String, String)], report: &mut Report) {
    let (mut quiet, mut reported) = (0, 0);
    for (name, words) in ends {
        match (words.contains("WARNING: ThreadSanitizer"), name == RACY) {
            (false, false) => quiet += 1,
            (true, true) => reported += 1,
            (true, false) => report.fail(format!("race: example {name}:\n{words}")),
            (false, true) => report.fail(format!("race: example {name} is not reported")),
        }
    }
    if reported == 0 {
        report.fail(format!("race: {RACY} did not run"));
    }
    report.note(format!("race examples: {quiet} quiet, {reported} reported"));
}
