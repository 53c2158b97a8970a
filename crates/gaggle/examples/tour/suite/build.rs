//! Where the example binaries are, and how they get there.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of example binaries of the profile that `exe` was built with.
///
/// `exe` is an example itself (`target/P/examples/tour`) or a test (`target/P/deps/it-..`).
pub(crate) fn examples(exe: &Path) -> Result<PathBuf, String> {
    let folder = exe.parent();
    let named = |it: &Path, name: &str| it.file_name().is_some_and(|last| last == name);
    match folder {
        Some(it) if named(it, "examples") => Ok(it.to_owned()),
        Some(it) if named(it, "deps") => Ok(it.with_file_name("examples")),
        _ => Err(format!("{} is in no folder of cargo's", exe.display())),
    }
}

/// Builds every example of the facade into `examples`; quick if all are fresh, and nothing at all for who has built them
/// with flags of its own and says so.
pub(crate) fn build(examples: &Path) -> Result<(), String> {
    if std::env::var_os("GAGGLE_EXAMPLES_ARE_BUILT").is_some() {
        return Ok(());
    }
    let (Some(profile), Some(target)) =
        (examples.parent(), examples.parent().and_then(Path::parent))
    else {
        return Err(format!("{} is in no target folder", examples.display()));
    };
    let profile = match profile.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--package", "gaggle", "--examples", "--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo build --examples: {status}")),
        Err(error) => Err(format!("cargo could not be started: {error}")),
    }
}
