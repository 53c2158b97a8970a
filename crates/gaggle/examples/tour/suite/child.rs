//! One program as a child process: its output, its exit code, its time limit.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// The slowest program sleeps for five seconds; the rest is for busy machines.
const LIMIT: Duration = Duration::from_secs(60);

/// What a child did.
#[derive(Clone)]
pub(crate) struct Outcome {
    /// The `GOMAXPROCS` it was given, empty if inherited.
    pub(crate) ps: &'static str,
    /// Its exit code, or why it has none.
    pub(crate) exit: Result<i32, String>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The lines of stdout.
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    /// One line for a table: how it ended and what it said last.
    pub(crate) fn summary(&self) -> String {
        let end = match &self.exit {
            Ok(code) => format!("exit {code}"),
            Err(why) => why.clone(),
        };
        let said = if self.stdout.is_empty() {
            self.stderr.lines().find(|line| !line.is_empty())
        } else {
            self.stdout.lines().rfind(|line| !line.is_empty())
        };
        let said: String = said.unwrap_or("(nothing)").chars().take(44).collect();
        match self.stdout.lines().count() {
            0 | 1 => format!("{end}: {said}"),
            n => format!("{end}: {n} lines .. {said}"),
        }
    }
}

/// Runs `program` to its end, at most `LIMIT` long.
pub(crate) fn run(program: &Path, ps: &'static str, scale: Option<&str>) -> Outcome {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if !ps.is_empty() {
        command.env("GOMAXPROCS", ps);
    }
    if let Some(scale) = scale {
        command.env("GAGGLE_TOUR_SCALE", scale);
    }
    match command.spawn() {
        Ok(child) => watch(child, ps),
        Err(error) => Outcome {
            ps,
            exit: Err(format!("not started: {error}")),
            stdout: String::new(),
            stderr: String::new(),
        },
    }
}

fn watch(mut child: Child, ps: &'static str) -> Outcome {
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let exit = wait(&mut child);
    // The process is gone: both pipes end, unless it left children of its own behind.
    let text = |from: Receiver<String>| from.recv_timeout(LIMIT).unwrap_or_default();
    Outcome { ps, exit, stdout: text(stdout), stderr: text(stderr) }
}

fn collect<R: Read + Send + 'static>(pipe: Option<R>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

#[expect(clippy::disallowed_methods, reason = "a plain thread that watches a process")]
fn wait(child: &mut Child) -> Result<i32, String> {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.code().ok_or_else(|| status.to_string()),
            Ok(None) if start.elapsed() < LIMIT => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("killed after {} s", LIMIT.as_secs()));
            }
            Err(error) => return Err(format!("lost: {error}")),
        }
    }
}
