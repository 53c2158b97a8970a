//! `soak`: the soak program of the tests package, for some minutes.

use std::time::Duration;

use crate::flags::SoakFlags;
use crate::report::Report;
use crate::shell::Shell;

/// What building it may take, and a hang's own report.
const MORE: Duration = Duration::from_secs(10 * 60);

pub(crate) fn run(shell: &Shell, flags: &SoakFlags) -> Result<Report, String> {
    let length = Duration::from_secs(flags.minutes * 60);
    let mut command = shell.cargo("run --release -p gaggle-tests --bin soak --");
    command.arg(length.as_secs().to_string());
    command.args(flags.seed.map(|seed| seed.to_string()));
    command.envs(flags.debug.iter().map(|debug| ("GAGGLE_DEBUG", debug)));
    let mut report = Report::default();
    report.absorb("soak", shell.run(command, length + MORE));
    Ok(report)
}
