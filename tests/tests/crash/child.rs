//! Runs a program of the `child` binary to its end, or to its first word, within a time limit.
//!
//! *No Hang*: a program that exceeds the limit is killed, and what it wrote is in the failure.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// What no program may take, however busy the machine.
const LIMIT: Duration = Duration::from_secs(180);

/// Variables that change what programs print.
const FOREIGN: &[&str] = &[
    "RUST_BACKTRACE",
    "RUST_LIB_BACKTRACE",
    "GOMAXPROCS",
    "GAGGLE_STACK",
    "GAGGLE_DEBUG",
    "GAGGLE_TRACEBACK",
];

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Code(i32),
    Signal(i32),
}

/// What a program did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) exit: Exit,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Ends the test with all that the program wrote.
    #[track_caller]
    pub(crate) fn fail(&self, why: &str) -> ! {
        let Outcome { exit, stdout, stderr } = self;
        panic!("{why}\n{exit:?}\n--- stdout\n{stdout}--- stderr\n{stderr}");
    }

    /// Checks how the program ended.
    #[track_caller]
    pub(crate) fn ends(self, exit: Exit) -> Outcome {
        if self.exit != exit {
            self.fail(&format!("expected {exit:?}"));
        }
        self
    }

    /// Checks all of what it wrote to standard output.
    #[track_caller]
    pub(crate) fn prints(self, stdout: &str) -> Outcome {
        if self.stdout != stdout {
            self.fail(&format!("expected on stdout: {stdout:?}"));
        }
        self
    }

    /// Checks that it ended well and wrote `stdout` and nothing else.
    #[track_caller]
    pub(crate) fn does_well(self, stdout: &str) {
        let this = self.ends(Exit::Code(0)).prints(stdout);
        if !this.stderr.is_empty() {
            this.fail("expected nothing on stderr");
        }
    }
}

/// Runs `program` with the default number of Ps.
#[track_caller]
pub(crate) fn run(program: &str) -> Outcome {
    finish(start(program, &[]), program)
}

/// Runs `program` with `GOMAXPROCS` set to `procs`.
#[track_caller]
pub(crate) fn run_with(program: &str, procs: &str) -> Outcome {
    finish(start(program, &[("GOMAXPROCS", procs)]), program)
}

/// Runs `program` with these variables.
#[track_caller]
#[allow(dead_code, reason = "one of the two binaries that share this file sets none")]
pub(crate) fn run_in(program: &str, variables: &[(&str, &str)]) -> Outcome {
    finish(start(program, variables), program)
}

/// Runs `program`, which writes a line once it is ready, and then sends it `signal`.
#[track_caller]
#[allow(dead_code, reason = "as above")]
pub(crate) fn run_and_signal(program: &str, variables: &[(&str, &str)], signal: i32) -> Outcome {
    let child = start(program, variables);
    let id = child.id();
    finish_after(child, program, move |heard| {
        if matches!(heard, Heard::Out(_)) {
            // SAFETY: a process of ours that nobody has waited for yet.
            unsafe { libc::kill(id as libc::pid_t, signal) };
        }
    })
}

fn start(program: &str, variables: &[(&str, &str)]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_child"));
    command.arg(program).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    // SAFETY: `signal` may be called between fork and exec.
    unsafe { command.pre_exec(hear_signals) };
    command.spawn().expect("the child binary starts")
}

/// Whoever runs the tests may ignore these, as shells do for what they run in the background, and a
/// program inherits that.
fn hear_signals() -> std::io::Result<()> {
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        // SAFETY: the default action may be set at any time.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    Ok(())
}

/// What a reader of a pipe has to say.
enum Heard {
    Out(Vec<u8>),
    Err(Vec<u8>),
    End,
}

fn listen(mut pipe: impl Read + Send + 'static, to: Sender<Heard>, as_heard: fn(Vec<u8>) -> Heard) {
    std::thread::spawn(move || {
        let mut room = [0; 4096];
        while let Ok(count) = pipe.read(&mut room)
            && count > 0
        {
            // Nobody listens any more once the program was given up.
            let _ = to.send(as_heard(room[..count].to_vec()));
        }
        let _ = to.send(Heard::End);
    });
}

#[track_caller]
fn finish(child: Child, program: &str) -> Outcome {
    finish_after(child, program, |_| ())
}

#[track_caller]
fn finish_after(mut child: Child, program: &str, on: impl Fn(&Heard)) -> Outcome {
    let (to, ears) = channel();
    listen(child.stdout.take().expect("piped"), to.clone(), Heard::Out);
    listen(child.stderr.take().expect("piped"), to, Heard::Err);
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let in_time = hear_out(&ears, &mut stdout, &mut stderr, on);
    if !in_time {
        child.kill().expect("it is ours");
    }
    let exit = exit_of(child.wait().expect("it is ours"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let outcome = Outcome { exit, stdout: text(stdout), stderr: text(stderr) };
    if !in_time {
        outcome.fail(&format!("{program} hangs"));
    }
    outcome
}

/// Listens until both pipes have ended; false if that takes too long.
fn hear_out(
    ears: &Receiver<Heard>,
    stdout: &mut Vec<u8>,
    stderr: &mut Vec<u8>,
    on: impl Fn(&Heard),
) -> bool {
    let deadline = Instant::now() + LIMIT;
    let mut open = 2;
    while open > 0 {
        let heard = ears.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        heard.iter().for_each(&on);
        match heard {
            Ok(Heard::Out(bytes)) => stdout.extend(bytes),
            Ok(Heard::Err(bytes)) => stderr.extend(bytes),
            Ok(Heard::End) => open -= 1,
            Err(_) => return false,
        }
    }
    true
}

fn exit_of(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Code(code),
        (None, Some(signal)) => Exit::Signal(signal),
        (None, None) => panic!("neither ended nor killed: {status:?}"),
    }
}

/// Runs `program` until it has written one line to standard error, and returns that line. For
/// many runs: naming the frames of a report takes ten times as long as coming to it.
#[allow(dead_code, reason = "one of the two binaries that share this file does not repeat")]
pub(crate) fn first_word(program: &str, procs: &str) -> Result<String, String> {
    let mut child = start(program, &[("GOMAXPROCS", procs)]);
    let pipe = child.stderr.take().expect("piped");
    let (to, ears) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(pipe).read_line(&mut line).map(|_| line);
        let _ = to.send(read); // as in `listen`
    });
    let heard = ears.recv_timeout(LIMIT);
    child.kill().expect("it is ours");
    let exit = exit_of(child.wait().expect("it is ours"));
    match heard {
        Ok(Ok(line)) if !line.is_empty() => Ok(line),
        Ok(Ok(_)) => Err(format!("{program} said nothing: {exit:?}")),
        Ok(Err(error)) => Err(format!("{program}: {error}")),
        Err(_) => Err(format!("{program} hangs")),
    }
}
