//! `test-all --loom`: every loom model of every crate, each crate within its limit.
//!
//! A model is a test in `tests/loom*.rs`, or, for what a crate keeps to itself, in a module `loom*` of its `src`.
//!
//! 1. Models live in their own build directory: `--cfg loom` changes every crate.
//! 2. A target that runs no model fails, so that one lost to a `cfg` is noticed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::metadata::{self, Package};
use crate::report::{Done, Report};
use crate::shell::{self, Shell};

/// For one crate, its build included.
const CRATE_LIMIT: Duration = Duration::from_secs(5 * 60);
/// For all crates together.
const WHOLE_LIMIT: Duration = Duration::from_secs(10 * 60);
/// Deep exploration grows by an order of magnitude.
const DEEP_LIMIT: Duration = Duration::from_secs(60 * 60);

pub(crate) fn run(shell: &Shell, deep: bool) -> Result<Report, String> {
    let (crate_limit, whole_limit, bound) =
        if deep { (DEEP_LIMIT, DEEP_LIMIT, "3") } else { (CRATE_LIMIT, WHOLE_LIMIT, "2") };
    let bound = std::env::var("LOOM_MAX_PREEMPTIONS").unwrap_or_else(|_| bound.to_owned());
    let packages = metadata::workspace(shell)?;
    let shell = shell.within(whole_limit);
    let mut report = Report::default();
    report.note(format!("loom: at most {bound} preemptions"));
    let mut targets = 0;
    for package in &packages {
        for arguments in arguments(package) {
            targets += 1;
            let done = shell.run(command(&shell, &arguments, &bound), crate_limit);
            report.absorb(&format!("loom {}", package.name), refuse_empty(done));
        }
    }
    if targets == 0 {
        report.fail("loom: no crate has a model");
    }
    Ok(report)
}

/// The argument lists of one crate: its model files, and the models among its unit tests.
fn arguments(package: &Package) -> Vec<String> {
    let mut lists = Vec::new();
    let models = package.tests.iter().filter(|name| name.starts_with("loom"));
    let models: String = models.map(|name| format!(" --test {name}")).collect();
    if !models.is_empty() {
        lists.push(format!("-p {}{models}", package.name));
    }
    // `prim` decides between std and loom: its `loom.rs` is the decision, not a model.
    let may_have = package.name.starts_with("gaggle") && package.name != "gaggle-prim";
    if may_have && has_model_module(&package.folder().join("src")) {
        lists.push(format!("-p {} --lib loom", package.name));
    }
    lists
}

/// Whether `folder` holds a file `loom*.rs`; the backends in `sys` are no models.
fn has_model_module(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            return name != "sys" && (name.starts_with("loom") || has_model_module(&path));
        }
        name.starts_with("loom") && name.ends_with(".rs")
    })
}

fn command(shell: &Shell, arguments: &str, bound: &str) -> Command {
    let mut command = shell.cargo("test --profile loom --no-fail-fast --all-features");
    command
        .args(arguments.split_whitespace())
        .env("RUSTFLAGS", shell::with_flags("RUSTFLAGS", "--cfg loom"))
        .env("CARGO_TARGET_DIR", shell.target_dir().join("loom"))
        .env("LOOM_MAX_PREEMPTIONS", bound);
    command
}

/// A model target in which nothing ran proves nothing.
fn refuse_empty(mut done: Done) -> Done {
    let empty = done.closing.iter().any(|line| line.starts_with("test result: ok. 0 passed"));
    if empty && done.failure.is_none() {
        done.failure = Some("a target ran no model: is it behind the right cfg?".to_owned());
    }
    done
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{arguments, refuse_empty};
    use crate::metadata::Package;
    use crate::report::Done;

    #[test]
    fn a_crate_is_asked_for_its_model_files_only() {
        let package = Package {
            name: "gaggle-x".to_owned(),
            version: String::new(),
            source: None,
            license: None,
            manifest: PathBuf::from("/nowhere/Cargo.toml"),
            dependencies: Vec::new(),
            tests: ["close", "loom_a", "loom_b"].map(str::to_owned).into(),
        };
        assert_eq!(arguments(&package), ["-p gaggle-x --test loom_a --test loom_b"]);
    }

    #[test]
    fn a_target_that_ran_nothing_is_a_failure() {
        let done = |line: &str| Done {
            closing: vec![line.to_owned()],
            failure: None,
            took: Duration::ZERO,
        };
        assert!(refuse_empty(done("test result: ok. 0 passed; 0 failed")).failure.is_some());
        assert!(refuse_empty(done("test result: ok. 10 passed; 0 failed")).failure.is_none());
    }
}
