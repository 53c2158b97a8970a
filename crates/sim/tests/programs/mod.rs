//! Programs of a test file, each in a process of its own, which is killed if it hangs.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What no program may take, however busy the machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Runs an ignored test of this file, with these variables, to its end.
#[track_caller]
pub(crate) fn ends_well(program: &str, settings: &[(&str, &str)]) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", program, "--ignored", "--nocapture", "--test-threads=1"])
        .envs(settings.iter().copied())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if begin.elapsed() >= LIMIT => break None,
            None => rest(),
        }
    };
    if status.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let ended = status.map(|status| status.success());
    assert_eq!(ended, Some(true), "{program} with {settings:?}");
}

/// A moment of somebody who waits for a process, or for another thread.
#[expect(clippy::disallowed_methods, reason = "a plain thread")]
pub(crate) fn rest() {
    std::thread::sleep(Duration::from_millis(5));
}
