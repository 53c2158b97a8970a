//! Where commands run, what they are told, and how much time they have together.
//!
//! 1. Every command that does work shows its command line first.
//! 2. A child never gets more time than what is left until the shell's deadline.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::process;
use crate::report::Done;

/// For metadata and probes: a first run may have to download every package.
const READ_LIMIT: Duration = Duration::from_secs(5 * 60);

/// Where processes start from, and until when they may run.
#[derive(Debug)]
pub(crate) struct Shell {
    root: PathBuf,
    deadline: Option<Instant>,
}

impl Shell {
    /// A shell at the root of the workspace that this program was built in.
    pub(crate) fn at_workspace_root() -> Self {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| OsStr::new(env!("CARGO_MANIFEST_DIR")).to_owned());
        let xtask = PathBuf::from(manifest);
        let root = xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf);
        Self { root, deadline: None }
    }

    /// The same place with at most `limit` from now on for everything together.
    pub(crate) fn within(&self, limit: Duration) -> Self {
        let own = Instant::now() + limit;
        let deadline = self.deadline.map_or(own, |outer| outer.min(own));
        Self { root: self.root.clone(), deadline: Some(deadline) }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The directory that cargo builds into.
    pub(crate) fn target_dir(&self) -> PathBuf {
        std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.root.join("target"), |dir| self.root.join(dir))
    }

    /// The cargo that started us, with `args` split at spaces.
    pub(crate) fn cargo(&self, args: &str) -> Command {
        let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.command(program);
        command.args(args.split_whitespace());
        command
    }

    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        command
    }

    /// Runs to the end or to the limit, showing everything and keeping the runner's closing lines.
    pub(crate) fn run(&self, command: Command, limit: Duration) -> Done {
        let start = Instant::now();
        let limit = self.capped(limit);
        println!("$ {}", command_line(&command));
        let mut closing = Vec::new();
        let failure = process::stream(command, limit, &mut closing).err();
        Done { closing, failure, took: start.elapsed() }
    }

    /// `limit`, or what is left until the deadline if that is less.
    fn capped(&self, limit: Duration) -> Duration {
        let left = self.deadline.map(|end| end.saturating_duration_since(Instant::now()));
        left.map_or(limit, |left| left.min(limit))
    }

    /// Runs silently, at most as long as there is time, and returns how it ended with all that it said.
    pub(crate) fn watch(
        &self,
        command: Command,
        limit: Duration,
    ) -> Result<(Output, process::Ending), String> {
        let limit = self.capped(limit);
        if limit.is_zero() {
            return Err("no time left to start it".to_owned());
        }
        process::watch(command, limit)
    }

    /// Runs silently and returns what the child printed, for probes and metadata.
    pub(crate) fn read(&self, command: Command) -> Result<String, String> {
        let line = command_line(&command);
        let output = process::capture(command, self.capped(READ_LIMIT))
            .map_err(|error| format!("`{line}`: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let words = String::from_utf8_lossy(&output.stderr);
        Err(format!("`{line}`: {}\n{}", output.status, words.trim_end()))
    }
}

/// `value` appended to the flags already in the environment variable `name`.
pub(crate) fn with_flags(name: &str, value: &str) -> String {
    match std::env::var(name) {
        Ok(present) if !present.trim().is_empty() => format!("{present} {value}"),
        _ => value.to_owned(),
    }
}

fn command_line(command: &Command) -> String {
    let mut words = Vec::new();
    for (name, value) in command.get_envs() {
        let value = value.unwrap_or_default().to_string_lossy();
        words.push(format!("{}={value:?}", name.to_string_lossy()));
    }
    let program = Path::new(command.get_program());
    words.push(program.file_name().unwrap_or_default().to_string_lossy().into_owned());
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}
