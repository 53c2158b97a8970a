//! Runs every program of the seed documents and compares what it does with what its text promises.
//!
//! `cargo run --release --example tour [-- NAME..]`; a NAME selects the programs whose names contain
//! it. The example binaries next to this one are brought up to date first. Exit code: 0 if every
//! program kept its promise, 1 if one did not, 2 if the tour could not begin.

mod suite;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use suite::{Report, Row};

const USAGE: &str = "usage: tour [NAME..]
Runs the example programs and prints: program, what was expected, what happened.
NAME selects the programs whose names contain it.
GAGGLE_TOUR_SCALE=0.1 makes their sleeps ten times shorter.";

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if names.iter().any(|name| name.starts_with('-')) {
        eprintln!("{USAGE}");
        return ExitCode::from(if names[..] == ["--help"] || names[..] == ["-h"] { 0 } else { 2 });
    }
    match prepare().and_then(|examples| tour(&examples, &names)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("tour: {why}");
            ExitCode::from(2)
        }
    }
}

/// Under cargo the siblings may be older than the sources: build. Else only if one is missing.
fn prepare() -> Result<PathBuf, String> {
    let exe = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let examples = suite::build::examples(&exe)?;
    let missing = suite::ROWS.iter().any(|row| !examples.join(row.program).exists());
    if missing || std::env::var_os("CARGO").is_some() {
        eprintln!("building the examples ..");
        suite::build::build(&examples)?;
    }
    Ok(examples)
}

/// Runs the selected rows; returns how many failed.
fn tour(examples: &Path, names: &[String]) -> Result<usize, String> {
    let selected = |row: &&Row| names.is_empty() || names.iter().any(|it| row.program.contains(it));
    let rows: Vec<&Row> = suite::ROWS.iter().filter(selected).collect();
    if rows.is_empty() {
        return Err(format!("no program is named like {}", names.join(", ")));
    }
    print(&line("program", "expected", "happened", "ok"));
    print(&"-".repeat(146));
    let mut failed = 0;
    for row in &rows {
        let report = suite::run(row, row.ps[0], examples, None);
        failed += usize::from(report.verdict.is_err());
        show(row, &report);
    }
    print(&"-".repeat(146));
    print(&format!("{} runs: {} as promised, {failed} not", rows.len(), rows.len() - failed));
    Ok(failed)
}

fn show(row: &Row, report: &Report) {
    let ok = if report.verdict.is_ok() { "ok" } else { "FAILED" };
    print(&line(row.program, row.expect, &report.outcome.summary(), ok));
    if let Err(why) = &report.verdict {
        print(&format!("    {why}"));
        for text in report.outcome.stdout.lines().chain(report.outcome.stderr.lines()).take(20) {
            print(&format!("    | {text}"));
        }
    }
}

fn line(program: &str, expect: &str, happened: &str, ok: &str) -> String {
    format!("{program:<30} {expect:<42} {happened:<66} {ok}")
}

/// A reader who has seen enough is no reason to panic.
fn print(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
