//! `net-stress`: the server of the tests package under all that clients do, with its counts before and after.

use std::time::Duration;

use crate::flags::NetStressFlags;
use crate::report::Report;
use crate::shell::Shell;

/// What building and one run at full scale may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

pub(crate) fn run(shell: &Shell, flags: &NetStressFlags) -> Result<Report, String> {
    let mut command = shell.cargo("run --release -p gaggle-tests --bin net_stress --");
    command.arg(flags.scale.to_string());
    command.args(flags.seed.map(|seed| seed.to_string()));
    let mut report = Report::default();
    report.absorb("net-stress", shell.run(command, LIMIT));
    Ok(report)
}
