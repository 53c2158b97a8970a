//! `test-all`: every test of the workspace, examples built, doctests run.

use std::time::Duration;

use crate::report::Report;
use crate::shell::Shell;

/// A hang must not cost the whole time of `ci`.
const LIMIT: Duration = Duration::from_secs(30 * 60);

pub(crate) fn run(shell: &Shell, release: bool) -> Result<Report, String> {
    // Without target switches cargo takes libraries, programs, tests, examples and doctests.
    let mut command = shell.cargo("test --workspace --no-fail-fast");
    if release {
        command.arg("--release");
    }
    let mut report = Report::default();
    report.absorb("test-all", shell.run(command, LIMIT));
    Ok(report)
}
