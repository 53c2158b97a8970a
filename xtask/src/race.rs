//! `test-all --race`: every crate, test and example under ThreadSanitizer, and our own detector beside it.
//!
//! | part | what runs | what orders (`GAGGLE_TSAN`) |
//! |---|---|---|
//! | detector | the suites of Go's detector before ours, on this toolchain, without a sanitizer | the language |
//! | planted | the same broken programs and their mended forms, a process each | the language (`program`) |
//! | threads | the tests of crates that need no scheduler | all that the code does (`runtime`) |
//! | goroutines | the tests of the others | the same |
//! | examples | each example: it must be quiet; the racy one must not | the language |
//!
//! 1. A machine without such a toolchain fails, and is told why.
//! 2. The whole run ends within [`WHOLE_LIMIT`].

use std::time::Duration;

use crate::report::Report;
use crate::sanitize::{Sanitizer, Toolchain};
use crate::shell::Shell;

/// Crates whose tests run on plain threads.
const THREADS: [&str; 9] =
    ["prim", "race", "lock", "coro", "gopark", "sudog", "timer", "hchan", "sync"];
/// Crates whose tests run goroutines.
const GOROUTINES: [&str; 3] = ["time", "runtime", "xsync"];
/// Of the whole-system tests those that neither take the process apart nor count on being stopped in the middle.
const TESTS: [&str; 2] = ["chan", "xsync"];
/// What does not run under the sanitizer, said with each run.
const LEFT_OUT: &str = "race: not run: doctests; sched, context, signal, net, synctest, insight; of the whole-system tests crash, \
    preempt, sched, stress, signal, time, context, sync, it (docs/races.md says why)";
/// The one example that races, as its guide says.
const RACY: &str = "s4_listing09_race";
const LIMIT: Duration = Duration::from_secs(6 * 60);
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
    report.absorb("race planted", shell.run(toolchain.cargo(&shell, DETECTOR), LIMIT));
    let targets: String = TESTS.iter().map(|name| format!(" --test {name}")).collect();
    let system = format!("test -p gaggle-tests --no-fail-fast{targets}");
    for (label, args) in [
        ("race threads", tests(&THREADS)),
        ("race goroutines", tests(&GOROUTINES)),
        ("race system", system),
    ] {
        let mut command = toolchain.cargo(&shell, &args);
        command.env("GAGGLE_TSAN", "runtime");
        report.absorb(label, shell.run(in_turn(command), LIMIT));
    }
    report.note(LEFT_OUT);
    examples(&shell, toolchain, &mut report);
    Ok(report)
}

/// Doctests are left out: rustdoc would link them without the sanitizer.
fn tests(crates: &[&str]) -> String {
    let packages: String = crates.iter().map(|name| format!(" -p gaggle-{name}")).collect();
    format!("test{packages} --lib --tests --no-fail-fast")
}

/// One test at a time: libtest's own threads are no concern of ours.
fn in_turn(mut command: std::process::Command) -> std::process::Command {
    command.args(["--", "--test-threads=1", "--nocapture"]);
    command
}

/// Builds all examples and runs each: the racy one must be reported, the others not.
fn examples(shell: &Shell, toolchain: Toolchain, report: &mut Report) {
    let build = shell.run(toolchain.cargo(shell, "build -p gaggle --examples"), LIMIT);
    let failed = build.failure.is_some();
    report.absorb("race examples, built", build);
    if failed {
        return;
    }
    let folder = toolchain.programs(shell).join("examples");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with('s') && !name.contains(['.', '-']))
        .collect();
    names.sort();
    let (mut quiet, mut reported) = (0, 0);
    for name in &names {
        let mut command = shell.command(folder.join(name));
        toolchain.watch(shell, &mut command);
        command.env("GAGGLE_TOUR_SCALE", "0.05");
        let words = shell.output(command, ONE_LIMIT).unwrap_or_else(|error| error);
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
