//! `docs`: built without a warning, its programs compiled and run, its links alive.

mod links;

use std::time::Duration;

use crate::report::Report;
use crate::shell::{self, Shell};

const LIMIT: Duration = Duration::from_secs(10 * 60);

pub(crate) fn run(shell: &Shell) -> Result<Report, String> {
    let mut report = Report::default();
    let mut build = shell.cargo("doc --workspace --no-deps --keep-going");
    build.env("RUSTDOCFLAGS", shell::with_flags("RUSTDOCFLAGS", "-D warnings"));
    report.absorb("docs build", shell.run(build, LIMIT));
    report.absorb("docs programs", shell.run(shell.cargo("test --doc -p gaggle"), LIMIT));
    let checked = links::check(shell.root(), &mut report)?;
    report.note(format!("docs links: {checked} files read"));
    Ok(report)
}
