//! One child process: its output as it comes, and its end, forced if it is late.
//!
//! 1. Output and errors of a child share one pipe, so their order is the order of writing.
//! 2. A child that outlives its limit is killed with all its descendants: a hung test dies, not only its cargo.
//! 3. Before that it gets a SIGQUIT and [`GRACE`], those below it first: a program of ours then says what each of its
//!    goroutines does.

use std::io::{BufRead as _, BufReader, PipeReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::sieve::Sieve;

/// How long a silent child goes unasked whether it has ended.
const TICK: Duration = Duration::from_millis(200);

/// For the dump of a child that is late.
const GRACE: Duration = Duration::from_secs(5);

/// Runs to the end or to the limit; the runner's closing lines are added to `closing`.
pub(crate) fn stream(
    mut command: Command,
    limit: Duration,
    closing: &mut Vec<String>,
) -> Result<(), String> {
    if limit.is_zero() {
        return Err("no time left to start it".to_owned());
    }
    let (reader, writer) = std::io::pipe().map_err(|error| format!("no pipe: {error}"))?;
    let twin = writer.try_clone().map_err(|error| format!("no pipe: {error}"))?;
    let mut child = command
        .stdout(writer)
        .stderr(twin)
        .spawn()
        .map_err(|error| format!("cannot start: {error}"))?;
    // The command holds our copies of the write end; the pipe ends only when they are closed.
    drop(command);
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || forward(reader, &sender));
    let mut sieve = Sieve::default();
    let mut state = listen(&lines, &mut child, &mut sieve, Instant::now() + limit);
    if state == Stream::Open {
        state = Stream::Late;
        last_words(child.id(), || {
            listen(&lines, &mut child, &mut sieve, Instant::now() + GRACE) == Stream::Ended
        });
    }
    sieve.end(&mut show);
    closing.append(&mut sieve.closing);
    let status = child.wait().map_err(|error| format!("cannot wait: {error}"))?;
    match state {
        Stream::Late => Err(format!("no end after {:.0} s, killed", limit.as_secs_f64())),
        _ if status.success() => Ok(()),
        _ => Err(status.to_string()),
    }
}

/// How far the output of a child has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    /// More may follow.
    Open,
    /// The child, or its end of the pipe, is gone.
    Ended,
    /// The limit came first.
    Late,
}

fn show(line: &str) {
    println!("{line}");
}

/// Passes on what the child says, until then.
fn listen(
    lines: &Receiver<Vec<u8>>,
    child: &mut Child,
    sieve: &mut Sieve,
    until: Instant,
) -> Stream {
    let mut state = Stream::Open;
    while state == Stream::Open && Instant::now() < until {
        state = step(lines, child, sieve);
    }
    state
}

/// Passes one line on, or finds after a short silence that there is nothing more to come.
fn step(lines: &Receiver<Vec<u8>>, child: &mut Child, sieve: &mut Sieve) -> Stream {
    match lines.recv_timeout(TICK) {
        Ok(line) => {
            sieve.line(String::from_utf8_lossy(&line).into_owned(), &mut show);
            Stream::Open
        }
        Err(RecvTimeoutError::Disconnected) => Stream::Ended,
        // A process left behind by a test may keep the pipe open for ever: the child's end counts.
        Err(RecvTimeoutError::Timeout) if matches!(child.try_wait(), Ok(None)) => Stream::Open,
        Err(RecvTimeoutError::Timeout) => Stream::Ended,
    }
}

fn forward(reader: PipeReader, lines: &Sender<Vec<u8>>) {
    for line in BufReader::new(reader).split(b'\n') {
        let Ok(line) = line else { return };
        if lines.send(line).is_err() {
            return;
        }
    }
}

/// Runs silently to the end or to the limit.
pub(crate) fn capture(command: Command, limit: Duration) -> Result<Output, String> {
    match watch(command, limit)? {
        (output, Ending::ByItself) => Ok(output),
        (_, Ending::Late) => Err(format!("no end after {:.0} s, killed", limit.as_secs_f64())),
    }
}

/// Whether a child was killed for being late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It was not.
    ByItself,
    /// It was; what it had said until then is there.
    Late,
}

/// As [`capture`], and what a late child said is not lost.
pub(crate) fn watch(mut command: Command, limit: Duration) -> Result<(Output, Ending), String> {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start: {error}"))?;
    let pid = child.id();
    let (ended, end) = mpsc::channel::<()>();
    let watchdog = thread::spawn(move || {
        let late = end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
        if late {
            last_words(pid, || end.recv_timeout(GRACE) != Err(RecvTimeoutError::Timeout));
        }
        late
    });
    let output = child.wait_with_output().map_err(|error| format!("cannot wait: {error}"));
    drop(ended);
    let ending = if matches!(watchdog.join(), Ok(true)) { Ending::Late } else { Ending::ByItself };
    output.map(|output| (output, ending))
}

/// Asks a late child, and those below it, what they do, and kills who is left. `wait` waits for the end, for a while.
fn last_words(root: u32, mut wait: impl FnMut() -> bool) {
    let below = descendants(root);
    // Those below first: what they say may go through the pipes of the one above.
    let asked = [&below[..], &[root]];
    let _ = asked.into_iter().filter(|pids| !pids.is_empty()).any(|pids| {
        signal("-QUIT", pids);
        wait()
    });
    // Who was left behind by one that has ended is below nobody now.
    let late = descendants(root).into_iter().filter(|pid| !below.contains(pid));
    let all: Vec<u32> = late.chain([root]).chain(below.iter().copied()).collect();
    signal("-KILL", &all);
}

fn signal(which: &str, pids: &[u32]) {
    let pids = pids.iter().map(u32::to_string);
    // One that ended in the meantime makes kill complain, which is no concern of ours.
    let _ = Command::new("kill").arg(which).args(pids).stderr(Stdio::null()).status();
}

/// Every living process below `root`, from the parents named in `/proc/*/stat`; empty where there is no such file.
fn descendants(root: u32) -> Vec<u32> {
    let mut edges = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // "pid (name) state ppid ..": the name may hold anything, so count from the last parenthesis.
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        if let Some(parent) = parent.and_then(|parent| parent.parse::<u32>().ok()) {
            edges.push((parent, pid));
        }
    }
    let mut found = vec![root];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(edges.iter().filter(|edge| edge.0 == parent).map(|edge| edge.1));
        next += 1;
    }
    found.split_off(1)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::{Ending, capture, stream, watch};

    const LONG: Duration = Duration::from_secs(100);

    fn run(script: &str, limit: Duration) -> (Result<(), String>, Vec<String>) {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let mut closing = Vec::new();
        (stream(command, limit, &mut closing), closing)
    }

    #[test]
    fn closing_lines_of_both_streams_are_kept() {
        let script = "echo noise; echo 'test result: ok.'; echo '    Finished `x`' >&2";
        let (end, closing) = run(script, LONG);
        assert_eq!(end, Ok(()));
        assert_eq!(closing, ["test result: ok.", "Finished `x`"]);
    }

    #[test]
    fn a_failing_child_is_a_failure() {
        let (end, _) = run("exit 3", LONG);
        assert_eq!(end, Err("exit status: 3".to_owned()));
    }

    #[test]
    fn a_late_child_is_killed_with_its_descendants() {
        // The line looks like a closing one, so that the process below the shell tells us its id.
        let script = "sleep 1000 & echo \"test result: $!\"; wait";
        let (end, closing) = run(script, Duration::from_secs(1));
        assert!(end.unwrap_err().contains("killed"));
        let pid = closing[0].rsplit(' ').next().unwrap();
        let alive = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => !stat.contains(") Z "),
            Err(_) => false,
        };
        // The kernel delivers the signal when it gets to it.
        let ended = (0..1_000_000).any(|_| {
            std::thread::yield_now();
            !alive()
        });
        assert!(ended, "process {pid} lives on");
    }

    #[test]
    fn a_process_left_behind_does_not_hold_us_up() {
        // Not killed, as nobody was late; it ends by itself.
        let (end, _) = run("sleep 5 &", LONG);
        assert_eq!(end, Ok(()));
    }

    #[test]
    fn a_captured_child_has_a_limit_too() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let output = capture(shell("echo out; echo err >&2"), LONG).unwrap();
        assert_eq!((&*output.stdout, &*output.stderr), (&b"out\n"[..], &b"err\n"[..]));
        let late = capture(shell("sleep 1000; true"), Duration::from_secs(1));
        assert!(late.unwrap_err().contains("killed"));
    }

    #[test]
    fn a_late_child_is_asked_for_its_last_words() {
        let script = "trap 'echo a dump; exit 2' QUIT; echo begun; while :; do sleep 0.1; done";
        // A shell has no trap for a signal that is ignored when it begins, as it is in a background job.
        let mut command = Command::new("env");
        command.args(["--default-signal=QUIT", "sh", "-c", script]);
        let (output, ending) = watch(command, Duration::from_secs(1)).expect("it starts");
        assert_eq!(
            (String::from_utf8_lossy(&output.stdout).as_ref(), ending),
            ("begun\na dump\n", Ending::Late)
        );
    }

    #[test]
    fn without_time_nothing_is_started() {
        let (end, closing) = run("echo 'test result: ran'", Duration::ZERO);
        assert!(end.is_err());
        assert!(closing.is_empty());
    }
}
