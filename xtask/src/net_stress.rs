//! `net-stress`: the server of the tests package under all that clients do, with its counts before and after.

use std::time::Duration;

use crate::flags::NetStressFlags;
use crate::report::Report;
use crate::shell::Shell;

/// What building and one run at full scale may take.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// If none is said.
const SEED: u64 = 0x5eed;

pub(crate) fn run(shell: &Shell, flags: &NetStressFlags) -> Result<Report, String> {
    let mut command = shell.cargo("run --release -p gaggle-tests --bin net_stress --");
    command.arg(flags.scale.to_string());
    command.arg(flags.seed.unwrap_or(SEED).to_string());
    command.arg(flags.minutes.to_string());
    let mut report = Report::default();
    let limit = LIMIT + Duration::from_secs(4 * 60 * u64::from(flags.minutes));
    report.absorb("net-stress", shell.run(command, limit));
    Ok(report)
}
