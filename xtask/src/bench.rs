//! `bench`: the shapes of the benches package, arguments passed through.

use std::time::Duration;

use crate::flags::BenchFlags;
use crate::report::Report;
use crate::shell::Shell;

/// Only against a hang: the full set in two languages takes its time.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Runtimes that the benches package has as features.
const RUNTIMES: [&str; 3] = ["tokio", "may", "go-lib"];

pub(crate) fn run(shell: &Shell, flags: &BenchFlags) -> Result<Report, String> {
    // A count is of the build that everybody has; its growth is ours, and not the linker's.
    let profile = if flags.instructions { "release" } else { "measured" };
    let mut command = shell.cargo(&format!("run --profile {profile} -p gaggle-benches"));
    let asked = |name: &str| flags.compare.iter().any(|whom| whom == name || whom == "all");
    let features: Vec<_> = RUNTIMES.into_iter().filter(|name| asked(name)).collect();
    if !features.is_empty() {
        command.args(["--features", &features.join(",")]);
    }
    command.arg("--").args(&flags.group);
    if !flags.compare.is_empty() {
        command.args(["--compare", &flags.compare.join(",")]);
    }
    if let Some(page) = &flags.markdown {
        command.args(["--markdown", page]);
    }
    let passed_on = [
        (flags.quick, "--quick"),
        (flags.publish, "--publish"),
        (flags.render, "--render"),
        (flags.instructions, "--instructions"),
        (flags.update, "--update"),
    ];
    command.args(passed_on.iter().filter(|(given, _)| *given).map(|(_, flag)| flag));
    let mut report = Report::default();
    report.absorb("bench", shell.run(command, LIMIT));
    Ok(report)
}
