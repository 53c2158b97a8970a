//! `test-all --race`: what runs on plain threads, under ThreadSanitizer.
//!
//! 1. Only crates that switch no stacks: the sanitizer must be told of every switch, and those hooks are to come.
//! 2. A toolchain counts only after a program that it built here ran clean, and was caught when it raced.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::metadata;
use crate::report::Report;
use crate::shell::{self, Shell};

const TARGET: &str = "x86_64-unknown-linux-gnu";
const SANITIZE: &str = "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer";
/// Crates whose tests run on plain threads.
const CRATES: [&str; 7] = ["prim", "lock", "gopark", "sudog", "timer", "hchan", "sync"];
const TO_COME: &str =
    "race: to come, with the fiber hooks of coro: coro, sched, time, runtime, gaggle, tests";
const LIMIT: Duration = Duration::from_secs(5 * 60);
const WHOLE_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Two threads; with an argument they write to one place.
const PROBE: &str = r"
fn main() {
    let mut place = Box::new(0_u64);
    let address = (&raw mut *place) as usize;
    let write = move || unsafe { *(address as *mut u64) += 1 };
    let first = std::thread::spawn(write);
    if std::env::args().len() > 1 {
        std::thread::spawn(write).join().unwrap();
    }
    first.join().unwrap();
}
";

/// A toolchain that may be able to instrument.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Toolchain {
    /// The nightly of rustup.
    Nightly,
    /// The stable one, told to accept unstable flags.
    Bootstrap,
}

impl Toolchain {
    fn command(self, shell: &Shell, program: &str) -> Command {
        let mut command = shell.command(program);
        match self {
            // rustup would download a missing toolchain in silence.
            Self::Nightly => command.arg("+nightly").env("RUSTUP_AUTO_INSTALL", "0"),
            Self::Bootstrap => command.env("RUSTC_BOOTSTRAP", "1"),
        };
        command
    }

    fn name(self) -> &'static str {
        match self {
            Self::Nightly => "nightly",
            Self::Bootstrap => "stable with RUSTC_BOOTSTRAP=1",
        }
    }
}

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    let toolchain = find(shell).map_err(|why| format!("race: no toolchain can do it:\n{why}"))?;
    run_with(shell, toolchain)
}

/// The first toolchain whose sanitizer works on this machine, or why none does.
pub(crate) fn find(shell: &Shell) -> Result<Toolchain, String> {
    let mut reasons = Vec::new();
    for toolchain in [Toolchain::Nightly, Toolchain::Bootstrap] {
        match probe(shell, toolchain) {
            Ok(()) => return Ok(toolchain),
            Err(reason) => reasons.push(format!("{}: {reason}", toolchain.name())),
        }
    }
    Err(reasons.join("\n"))
}

/// Builds the probe and runs it twice: quiet it must pass, racing it must be caught.
fn probe(shell: &Shell, toolchain: Toolchain) -> Result<(), String> {
    let folder = shell.target_dir().join("race");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let (source, program) = (folder.join("probe.rs"), folder.join("probe"));
    std::fs::write(&source, PROBE).map_err(|error| format!("{}: {error}", source.display()))?;
    let mut rustc = toolchain.command(shell, "rustc");
    rustc.args(SANITIZE.split(' ')).args(["--target", TARGET, "-o"]).arg(&program).arg(&source);
    shell.read(rustc)?;
    shell.read(shell.command(&program))?;
    let mut racing = shell.command(&program);
    racing.arg("race");
    match shell.read(racing) {
        Ok(_) => Err("a planted race goes unseen".to_owned()),
        Err(report) if report.contains("ThreadSanitizer: data race") => Ok(()),
        Err(report) => Err(report),
    }
}

pub(crate) fn run_with(shell: &Shell, toolchain: Toolchain) -> Result<Report, String> {
    let present = metadata::workspace(shell)?;
    let shell = shell.within(WHOLE_LIMIT);
    let mut report = Report::default();
    report.note(format!("race: ThreadSanitizer by {}", toolchain.name()));
    for name in CRATES.map(|name| format!("gaggle-{name}")) {
        if !present.iter().any(|package| package.name == name) {
            report.fail(format!("race: {name} is not in the workspace"));
            continue;
        }
        let done = shell.run(command(&shell, toolchain, &name), LIMIT);
        report.absorb(&format!("race {name}"), done);
    }
    report.note(TO_COME);
    Ok(report)
}

fn command(shell: &Shell, toolchain: Toolchain, package: &str) -> Command {
    let suppressions: PathBuf = shell.root().join("xtask/tsan.supp");
    let mut command = toolchain.command(shell, "cargo");
    // Doctests are left out: rustdoc would link them without the sanitizer.
    command
        .args(["test", "--target", TARGET, "-p", package, "--lib", "--tests", "--no-fail-fast"])
        .args(["--", "--test-threads=1", "--nocapture"])
        .env("RUSTFLAGS", shell::with_flags("RUSTFLAGS", &format!("{SANITIZE} --cfg race")))
        .env("CARGO_TARGET_DIR", shell.target_dir().join("race"))
        .env("TSAN_OPTIONS", format!("suppressions={}", suppressions.display()))
        // Symbolising a backtrace costs more stack and time than a test has under the sanitizer.
        .env("RUST_BACKTRACE", "0");
    command
}
