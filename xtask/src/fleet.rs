//! Test programs that are built once and run side by side: for builds in which programs run slowly.
//!
//! 1. A program runs where cargo would run it, in the folder of its package.
//! 2. Nothing is left out in silence: what a table names is said with its reason.
//! 3. A program that is not done at its limit has failed: it is asked for its goroutines and stopped, and the report
//!    shows what it said, the test it was in and the dump. One that found no time to start has failed, too.
//! 4. A program whose tests together need more than the limit runs in parts ([`crate::parts`]), a process each.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::json::Json;
use crate::lanes::in_lanes;
use crate::parts::{self, Part};
use crate::process::Ending;
use crate::report::Report;
use crate::shell::Shell;

/// For the long build; a second one finds all done.
const BUILD_LIMIT: Duration = Duration::from_secs(13 * 60);

/// Set for programs that would build the examples themselves, with other flags.
pub(crate) const EXAMPLES_ARE_BUILT: &str = "GAGGLE_EXAMPLES_ARE_BUILT";

/// How much of a failed program's words is shown.
const LAST_LINES: usize = 200;

/// One program that cargo has built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The package without its prefix, and the target: `sync::golang`; for a library's own tests `sync`.
    pub(crate) name: String,
    folder: PathBuf,
    file: PathBuf,
}

/// What is left out of a program, and why: all of it if no test is named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeftOut {
    pub(crate) program: &'static str,
    pub(crate) tests: &'static [&'static str],
    pub(crate) why: &'static str,
}

/// How the programs run.
pub(crate) struct Run<'a> {
    pub(crate) label: &'static str,
    /// For one program.
    pub(crate) limit: Duration,
    pub(crate) left_out: &'a [LeftOut],
    /// What a report of the watcher's contains.
    pub(crate) reports: &'a [&'a str],
    /// What each is told besides its arguments.
    pub(crate) tell: &'a (dyn Fn(&Program, &mut Command) + Sync),
}

/// Builds by `command`, whose arguments are those of `cargo test --no-run`, and finds what it built.
pub(crate) fn build(
    shell: &Shell,
    label: &str,
    command: impl Fn() -> Command,
    report: &mut Report,
) -> Vec<Program> {
    let done = shell.run(command(), BUILD_LIMIT);
    let failed = done.failure.is_some();
    report.absorb(label, done);
    if failed {
        return Vec::new();
    }
    let mut again = command();
    again.arg("--message-format=json");
    match shell.read(again) {
        Ok(text) => text.lines().filter_map(program).collect(),
        Err(error) => {
            report.fail(format!("{label}: {error}"));
            Vec::new()
        }
    }
}

/// The test program that a line of cargo's tells of.
fn program(line: &str) -> Option<Program> {
    let json = Json::parse(line).ok()?;
    let file = PathBuf::from(json.get("executable").text()?);
    if *json.get("profile").get("test") != Json::Bool(true) {
        return None;
    }
    let folder = PathBuf::from(json.get("manifest_path").text()?).parent()?.to_owned();
    let package = folder.file_name()?.to_str()?.to_owned();
    let target = json.get("target");
    let name = match target.get("kind").items().first()?.text()? {
        "lib" | "proc-macro" => package,
        _ => format!("{package}::{}", target.get("name").text()?),
    };
    Some(Program { name, folder, file })
}

/// How one program ended.
struct End {
    name: String,
    took: Duration,
    verdict: Verdict,
}

/// What came of it.
enum Verdict {
    /// Libtest's closing line.
    Passed(String),
    /// What it said last; if it was stopped at its limit, with the test it was in and its dump.
    Failed(String),
}

/// Runs all of them, as many at once as there are processors.
pub(crate) fn run(shell: &Shell, programs: &[Program], run: &Run<'_>, report: &mut Report) {
    if programs.is_empty() {
        return report.fail(format!("{}: no programs", run.label));
    }
    for left_out in run.left_out {
        let what = match left_out.tests {
            [] => left_out.program.to_owned(),
            tests => format!("{}: {}", left_out.program, tests.join(", ")),
        };
        report.note(format!("{}: not run: {what}: {}", run.label, left_out.why));
        if !programs.iter().any(|program| program.name == left_out.program) {
            report.fail(format!("{}: no program is called {}", run.label, left_out.program));
        }
    }
    let whole = |program: &&Program| {
        run.left_out.iter().all(|it| it.program != program.name || !it.tests.is_empty())
    };
    let mut queue = Vec::new();
    for program in programs.iter().filter(whole) {
        let mine = run.left_out.iter().filter(|it| it.program == program.name);
        let skipped: Vec<&str> = mine.flat_map(|it| it.tests).copied().collect();
        match parts::of(shell, program, &skipped) {
            Ok(parts) => queue.extend(parts),
            Err(error) => report.fail(format!("{} {}: {error}", run.label, program.name)),
        }
    }
    // What runs in parts takes longest, then the whole-system tests: so they begin first.
    queue.sort_by_key(|part| {
        let name = &part.program.name;
        (part.tests.is_empty(), !name.starts_with("tests::"), name.clone())
    });
    let ends = in_lanes(&queue, |part| {
        let end = one(shell, part, run);
        println!("{} {}: {}", run.label, end.name, words(&end));
        // At once: a run that is cut off has said why, too.
        if let Verdict::Failed(words) = &end.verdict {
            println!("{words}");
        }
        end
    });
    conclude(run.label, ends, report);
}

/// The command that runs a program in its folder.
pub(crate) fn command(shell: &Shell, program: &Program) -> Command {
    let mut command = shell.command(&program.file);
    command.current_dir(&program.folder).env("CARGO_MANIFEST_DIR", &program.folder);
    command
}

fn one(shell: &Shell, part: &Part<'_>, run: &Run<'_>) -> End {
    let program = part.program;
    let mut command = command(shell, program);
    // One test at a time: libtest's own threads are no concern of ours.
    command.args(["--test-threads=1", "--nocapture"]);
    if !part.tests.is_empty() {
        command.arg("--exact").args(&part.tests);
    }
    (run.tell)(program, &mut command);
    let start = Instant::now();
    let verdict = match shell.watch(command, run.limit) {
        Ok((output, ending)) => verdict(&output, ending, run.reports),
        Err(error) => Verdict::Failed(error),
    };
    End { name: part.name.clone(), took: start.elapsed(), verdict }
}

fn verdict(output: &Output, ending: Ending, reports: &[&str]) -> Verdict {
    let words = [&*output.stdout, &*output.stderr].concat();
    let words = String::from_utf8_lossy(&words);
    let reported = reports.iter().any(|report| words.contains(report));
    match ending {
        Ending::Late => {
            let mut tests = words.lines().filter(|line| line.starts_with("test "));
            let last = tests.next_back().and_then(|line| line.split(' ').nth(1));
            let last = last.unwrap_or("the first");
            Verdict::Failed(format!("not done at its limit, in {last}\n{}", last_lines(&words)))
        }
        Ending::ByItself if output.status.success() && !reported => {
            let line = words.lines().rfind(|line| line.starts_with("test result:"));
            Verdict::Passed(line.unwrap_or_default().to_owned())
        }
        _ => Verdict::Failed(format!("{}\n{}", output.status, last_lines(&words))),
    }
}

/// The end of what a program said.
fn last_lines(words: &str) -> String {
    let lines: Vec<&str> = words.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}

fn words(end: &End) -> String {
    let verdict = match &end.verdict {
        Verdict::Passed(line) => line.trim_start_matches("test result: ").to_owned(),
        Verdict::Failed(_) => "FAILED".to_owned(),
    };
    format!("{:.1} s, {verdict}", end.took.as_secs_f64())
}

/// All that passed in one line; each that failed in its own.
fn conclude(label: &str, ends: Vec<End>, report: &mut Report) {
    let (programs, mut sum) = (ends.len(), 0);
    let mut slowest: Vec<(Duration, String)> = Vec::new();
    for End { name, took, verdict } in ends {
        match verdict {
            Verdict::Passed(line) => sum += count(&line),
            Verdict::Failed(words) => report.fail(format!("{label} {name}: {words}")),
        }
        slowest.push((took, name));
    }
    slowest.sort();
    let slowest = slowest.iter().rev().take(5);
    let slowest: Vec<String> =
        slowest.map(|(took, name)| format!("{name} {:.0} s", took.as_secs_f64())).collect();
    let slowest = slowest.join(", ");
    report.note(format!("{label}: {sum} passed in {programs} programs; slowest: {slowest}"));
}

/// How many tests passed, by libtest's closing line.
fn count(line: &str) -> usize {
    let before = line.split(" passed").next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{count, program};

    const LINE: &str = r#"{"reason":"compiler-artifact","manifest_path":"/w/crates/sync/Cargo.toml",
        "target":{"kind":["test"],"name":"golang"},"profile":{"test":true},"executable":"/t/golang-1"}"#;

    #[test]
    fn a_program_is_called_by_its_package_and_its_target() {
        let found = program(LINE).expect("a program");
        assert_eq!(
            (found.name.as_str(), found.folder.to_str()),
            ("sync::golang", Some("/w/crates/sync"))
        );
        let library = program(&LINE.replace("[\"test\"]", "[\"lib\"]")).expect("a program");
        assert_eq!(library.name, "sync");
    }

    #[test]
    fn what_is_no_test_is_no_program() {
        assert_eq!(program(&LINE.replace("true", "false")), None);
        assert_eq!(program(&LINE.replace("\"/t/golang-1\"", "null")), None);
        assert_eq!(program("Compiling"), None);
    }

    #[test]
    fn passed_tests_are_counted() {
        assert_eq!(count("test result: ok. 12 passed; 0 failed; 1 ignored"), 12);
    }
}
