//! One child process: started with a `GOMAXPROCS`, read to its end, killed if it is late.
//!
//! A child has no children of its own, but for a client of the shapes of `net`, which ends with it; so killing it
//! leaves nothing behind.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// How much of a failed child's words is repeated.
const LAST_LINES: usize = 12;

/// What a child wrote on its standard output, if it ended well and in time.
pub(crate) fn capture(mut command: Command, limit: Duration) -> Result<String, String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start: {error}"))?;
    let deadline = Instant::now() + limit;
    let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
    let out = within(&out, deadline);
    let err = within(&err, deadline);
    if out.is_none() || err.is_none() {
        let _ = child.kill(); // it may have ended this instant, which is as good
    }
    let status = child.wait().map_err(|error| format!("cannot wait: {error}"))?;
    match (out, err) {
        (Some(out), Some(_)) if status.success() => Ok(out),
        (Some(_), Some(err)) => Err(format!("{status}{}", last_lines(&err))),
        _ => Err(format!("no end after {:.0} s, killed", limit.as_secs_f64())),
    }
}

/// Reads all of one stream on a thread of its own, so neither stream can block the child.
fn reader(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, text) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes); // what came before the error still counts
        }
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    text
}

fn within(text: &Receiver<String>, deadline: Instant) -> Option<String> {
    text.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
}

fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let from = lines.len().saturating_sub(LAST_LINES);
    lines[from..].iter().map(|line| format!("\n    {line}")).collect()
}

/// Runs a tool and shows what it says; for building and installing.
pub(crate) fn tool(mut command: Command, limit: Duration) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .spawn()
        .map_err(|error| format!("{name}: cannot start: {error}"))?;
    let status = wait(&mut child, limit).map_err(|words| format!("{name}: {words}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name}: {status}")) }
}

fn wait(child: &mut Child, limit: Duration) -> Result<ExitStatus, String> {
    const TICK: Duration = Duration::from_millis(20);
    let (_open, never) = mpsc::channel::<()>();
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().map_err(|error| format!("cannot wait: {error}"))? {
            return Ok(status);
        }
        if Instant::now() >= deadline {
            let _ = child.kill(); // as above
            let _ = child.wait();
            return Err(format!("no end after {:.0} s, killed", limit.as_secs_f64()));
        }
        let _ = never.recv_timeout(TICK);
    }
}

#[cfg(test)]
mod tests {
    use super::{capture, tool};
    use std::process::Command;
    use std::time::Duration;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_child_that_does_not_end_is_killed() {
        let limit = Duration::from_millis(100);
        let words = capture(shell("exec sleep 1000"), limit).unwrap_err();
        assert!(words.ends_with("killed"), "{words}");
        let words = tool(shell("exec sleep 1000"), limit).unwrap_err();
        assert!(words.ends_with("killed"), "{words}");
    }

    #[test]
    fn a_child_that_fails_is_quoted() {
        let limit = Duration::from_secs(60);
        let words = capture(shell("echo figures; echo why >&2; exit 3"), limit).unwrap_err();
        assert!(words.contains('3') && words.ends_with("    why"), "{words}");
        assert_eq!(capture(shell("echo figures"), limit).unwrap(), "figures\n");
    }
}
