//! Whole-system tests: real programs as child processes, one binary for all of them.

mod net_stress;
mod programs;
mod servers;
mod wordfreq;

#[path = "../../../crates/gaggle/examples/tour/suite/mod.rs"]
mod suite;

use std::path::PathBuf;
use std::sync::LazyLock;

/// The folder of the facade's example binaries, built once per run of this binary with its profile.
fn examples() -> Result<PathBuf, String> {
    static BUILT: LazyLock<Result<PathBuf, String>> = LazyLock::new(|| {
        let exe = std::env::current_exe().map_err(|error| error.to_string())?;
        let examples = suite::build::examples(&exe)?;
        suite::build::build(&examples)?;
        Ok(examples)
    });
    BUILT.clone()
}
