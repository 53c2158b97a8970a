//! Everything a person must do to this tree, as `cargo xtask` verbs; `ci` is all of them in order.
//!
//! A verb is one file with one function that takes a [`Shell`] and returns a [`Report`]: the runners' own
//! closing lines, and what went wrong. Exit code 0 means that nothing did.

mod asan;
mod bench;
mod ci;
mod deny;
mod docs;
mod examples;
mod flags;
mod fleet;
mod json;
mod lanes;
mod left_out;
mod loom;
mod metadata;
mod net_clients;
mod net_measure;
mod net_stress;
mod parts;
mod process;
mod race;
mod report;
mod sanitize;
mod shell;
mod sieve;
mod soak;
mod test_all;
mod tidy;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;

use crate::flags::{Flags, Verb};
use crate::report::Report;
use crate::shell::Shell;

fn main() -> ExitCode {
    let flags = Flags::parse();
    let start = Instant::now();
    let shell = Shell::at_workspace_root();
    match dispatch(&shell, &flags.verb) {
        Ok(report) => conclude(&report, start),
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(shell: &Shell, verb: &Verb) -> Result<Report, String> {
    match verb {
        Verb::TestAll(flags) if flags.loom => loom::run(shell, flags.deep),
        Verb::TestAll(flags) if flags.race => race::run(shell),
        Verb::TestAll(flags) if flags.asan => asan::run(shell),
        Verb::TestAll(flags) => test_all::run(shell, flags.release),
        Verb::Tidy => tidy::run(shell),
        Verb::Ci => ci::run(shell),
        Verb::Bench(flags) => bench::run(shell, flags),
        Verb::NetClients(flags) => net_clients::run(shell, flags),
        Verb::NetStress(flags) => net_stress::run(shell, flags),
        Verb::Soak(flags) => soak::run(shell, flags),
        Verb::Deny => deny::run(shell),
        Verb::Docs => docs::run(shell),
    }
}

/// The last words: closing lines of the runners, then each failure, then the verdict.
fn conclude(report: &Report, start: Instant) -> ExitCode {
    println!();
    for line in &report.closing {
        println!("{line}");
    }
    for failure in &report.failures {
        println!("FAILED: {failure}");
    }
    let seconds = start.elapsed().as_secs_f64();
    if report.failures.is_empty() {
        println!("xtask: ok in {seconds:.1} s");
        return ExitCode::SUCCESS;
    }
    println!("xtask: {} failed in {seconds:.1} s", report.failures.len());
    ExitCode::FAILURE
}
