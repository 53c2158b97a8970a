//! `bench`: the shapes of the benches package, arguments passed through.

use std::time::Duration;

use crate::flags::BenchFlags;
use crate::report::Report;
use crate::shell::Shell;

/// Only against a hang: the full set in two languages takes its time.
const LIMIT: Duration = Duration::from_secs(60 * 60);

pub(crate) fn run(shell: &Shell, flags: &BenchFlags) -> Result<Report, String> {
    let mut command = shell.cargo("run --release -p gaggle-benches --");
    command.args(&flags.group);
    if let Some(language) = &flags.compare {
        command.args(["--compare", language]);
    }
    let passed_on = [
        (flags.quick, "--quick"),
        (flags.instructions, "--instructions"),
        (flags.update, "--update"),
    ];
    command.args(passed_on.iter().filter(|(given, _)| *given).map(|(_, flag)| flag));
    let mut report = Report::default();
    report.absorb("bench", shell.run(command, LIMIT));
    Ok(report)
}
