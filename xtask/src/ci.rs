//! `ci`: every check in order, each a section with its name and time.
//!
//! 1. A failed section does not stop the next ones: one run shows everything that is wrong.
//! 2. The whole run ends within [`LIMIT`]; what has no time left fails.
//! 3. ThreadSanitizer is not among the sections: it builds everything once more, a quarter of an hour.
//!    `cargo xtask test-all --race` runs it.

use std::time::{Duration, Instant};

use crate::report::Report;
use crate::shell::Shell;
use crate::{deny, docs, loom, net_clients, test_all, tidy};

const LIMIT: Duration = Duration::from_secs(60 * 60);
const STEP_LIMIT: Duration = Duration::from_secs(20 * 60);

const CLIPPY: &str = "clippy --workspace --all-targets --keep-going -- -D warnings";

type Section = fn(&Shell) -> Result<Report, String>;

/// The runtimes to run beside, which nothing else builds.
const CLIPPY_OF_PEERS: &str =
    "clippy -p gaggle-benches --all-features --all-targets --keep-going -- -D warnings";

/// Each of their shapes once with few operations, Go's too; where there is no Go, and none can be had, it says so.
const PEERS: &str = "run -p gaggle-benches --all-features -- --once --compare all";

const SECTIONS: [(&str, Section); 10] = [
    ("fmt", |shell| step(shell, "fmt", "fmt --all -- --check")),
    ("clippy", |shell| step(shell, "clippy", CLIPPY)),
    ("clippy of the other runtimes", |shell| {
        step(shell, "clippy of the other runtimes", CLIPPY_OF_PEERS)
    }),
    ("tidy", tidy::run),
    ("net-clients", clients),
    ("test-all", |shell| test_all::run(shell, false)),
    ("test-all --loom", |shell| loom::run(shell, false)),
    ("the other runtimes and Go's twins", |shell| {
        step(shell, "the other runtimes and Go's twins", PEERS)
    }),
    ("docs", docs::run),
    ("deny", deny::run),
];

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    let shell = shell.within(LIMIT);
    let mut whole = Report::default();
    for (name, section) in SECTIONS {
        println!("\n==== {name} ====");
        let start = Instant::now();
        let report = section(&shell)
            .unwrap_or_else(|message| Report { closing: Vec::new(), failures: vec![message] });
        let verdict = if report.failures.is_empty() { "ok" } else { "FAILED" };
        let seconds = start.elapsed().as_secs_f64();
        println!("==== {name}: {verdict} in {seconds:.1} s ====");
        whole.note(format!("==== {name}: {verdict} in {seconds:.1} s"));
        whole.closing.extend(report.closing);
        whole.failures.extend(report.failures);
    }
    Ok(whole)
}

/// Without them their tests say that they are left out, which is no failure.
fn clients(shell: &Shell) -> Result<Report, String> {
    Ok(net_clients::fetch(shell).unwrap_or_else(|why| {
        println!("{why}");
        Report { closing: vec![format!("net-clients: {why}")], failures: Vec::new() }
    }))
}

fn step(shell: &Shell, name: &str, arguments: &str) -> Result<Report, String> {
    let mut report = Report::default();
    report.absorb(name, shell.run(shell.cargo(arguments), STEP_LIMIT));
    Ok(report)
}
