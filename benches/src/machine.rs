//! Where the figures were taken: machine, kernel, versions, date; and where the tree is.

use crate::process;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The head of every report: names and what they are, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) facts: Vec<(String, String)>,
}

impl Machine {
    /// This one, with who runs beside us, and how we were asked to.
    pub(crate) fn look(go: Option<&str>, peers: &str, asked: &str) -> Machine {
        let mut facts = vec![
            ("date", say("date", &["-u", "+%Y-%m-%d %H:%M UTC"])),
            ("CPU", cpu()),
            ("CPUs", cpus()),
            ("memory", format!("{} MiB", memory("MemTotal:"))),
            ("kernel", say("uname", &["-srm"])),
            ("rustc", format!("{}, profile {}", compiler(), profile())),
            ("go", go.unwrap_or("not run").to_owned()),
            ("peers", peers.to_owned()),
            ("commit", commit()),
            ("asked for", asked.to_owned()),
        ];
        facts.retain(|(_, fact)| !fact.is_empty());
        let settings = settings();
        if !settings.is_empty() {
            facts.push(("settings", settings));
        }
        let facts = facts.into_iter().map(|(name, fact)| (name.to_owned(), fact));
        Machine { facts: facts.collect() }
    }
}

/// The compiler, as it says it.
pub(crate) fn compiler() -> String {
    say("rustc", &["--version"])
}

/// The profile that this program was built by: cargo names its folder so.
fn profile() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let name = program.parent().and_then(Path::file_name);
    name.map_or_else(|| "unknown".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// The root of the workspace that this program was built in.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}

/// The directory that cargo builds into.
pub(crate) fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR");
    chosen.map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The versions of these packages, as they are locked.
pub(crate) fn versions(names: &[&str]) -> String {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap_or_default();
    let version = |name: &&str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split_once('"')?.0))
    };
    names.iter().filter_map(version).collect::<Vec<_>>().join(", ")
}

/// What a process may still take, in MiB.
pub(crate) fn spare_mebibytes() -> u64 {
    memory("MemAvailable:")
}

fn memory(key: &str) -> u64 {
    let kib = field("/proc/meminfo", key).and_then(|line| {
        line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok())
    });
    kib.unwrap_or_default() / 1024
}

fn cpu() -> String {
    let name = field("/proc/cpuinfo", "model name");
    name.map_or_else(|| "unknown".to_owned(), |name| name.trim_start_matches([':', ' ']).to_owned())
}

fn cpus() -> String {
    std::thread::available_parallelism().map_or_else(|_| "unknown".to_owned(), |n| n.to_string())
}

fn commit() -> String {
    let root = root();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(&root).args(args);
        process::capture(command, Duration::from_secs(30))
    };
    match (git(&["rev-parse", "--short", "HEAD"]), git(&["status", "--porcelain", "-uno"])) {
        (Ok(head), Ok(changes)) if changes.trim().is_empty() => head.trim().to_owned(),
        (Ok(head), _) => format!("{} with changes", head.trim()),
        _ => "unknown".to_owned(),
    }
}

/// Settings that change what either runtime does. They are passed on, so they must be told.
fn settings() -> String {
    let ours = |name: &str| name.starts_with("GAGGLE_") || name.starts_with("MALLOC_");
    let gos = ["GOGC", "GOMEMLIMIT", "GODEBUG", "GOEXPERIMENT", "GOAMD64", "RUSTFLAGS"];
    let told = std::env::vars().filter(|(name, _)| ours(name) || gos.contains(&&**name));
    told.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// What follows `key` on its line of a file of the kernel.
fn field(path: &str, key: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key)).map(|rest| rest.trim().to_owned())
}

fn say(program: &str, args: &[&str]) -> String {
    let mut command = Command::new(program);
    command.current_dir(root()).args(args);
    let words = process::capture(command, Duration::from_secs(30));
    words.map_or_else(|_| "unknown".to_owned(), |words| words.trim().to_owned())
}
