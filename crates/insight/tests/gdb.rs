//! The script for gdb, on a live process and on its core file.

use gaggle_hchan::chan;
use gaggle_runtime::{go, run};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const PART: &str = "GAGGLE_GDB_PART";

#[inline(never)]
fn waits_for_a_debugger(never: &gaggle_hchan::Chan<u32>) {
    never.recv();
}

/// Not a test: the program that is looked into.
#[test]
fn parks_two_if_asked_to() {
    if std::env::var_os(PART).is_none() {
        return;
    }
    let main = || {
        let never = chan::<u32>(0);
        for _ in 0..2 {
            let never = never.clone();
            go(move || waits_for_a_debugger(&never));
        }
        while gaggle_sched::metrics().waiting < 2 {
            gaggle_runtime::gosched();
        }
        println!("\nready");
        gaggle_time::sleep(std::time::Duration::from_secs(600));
        never.close();
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(main) };
}

struct Prey(Child);

impl Drop for Prey {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it may have ended
        let _ = self.0.wait();
    }
}

/// Where it may leave its core.
fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gaggle-core");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The core that the kernel left, if it leaves them where programs run.
fn core() -> Option<PathBuf> {
    let files = std::fs::read_dir(folder()).unwrap().flatten().map(|entry| entry.path());
    files.into_iter().next()
}

fn prey() -> Prey {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "parks_two_if_asked_to", "--nocapture"]).env(PART, "1");
    command.current_dir(folder());
    let limit = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    let allow_core = move || {
        // SAFETY: two numbers; a refusal costs the core.
        unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const limit) };
        Ok(())
    };
    // SAFETY: one system call.
    unsafe { command.pre_exec(allow_core) };
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "ready"), "it came to its end");
    Prey(child)
}

fn gdb(target: &[&str], commands: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/gdb/gaggle.py");
    let mut gdb = Command::new("gdb");
    gdb.args(["--batch", "-nx", "-iex", "set auto-load off", "-iex", "set debuginfod enabled off"]);
    gdb.args(target).args(["-x", script]);
    for command in commands {
        gdb.args(["-ex", command]);
    }
    let answer = gdb.output().unwrap();
    let both = [answer.stdout, answer.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

fn check(text: &str) {
    let listed = text.matches(" [chan receive] at 0x").count();
    assert_eq!(listed, 2, "{text}");
    assert!(text.contains("[sleep]") && text.contains("tests/gdb.rs:"), "{text}");
    let frames = text.lines().filter(|line| line.contains("waits_for_a_debugger"));
    assert_eq!(frames.filter(|line| line.contains("gdb.rs:")).count(), 2, "{text}");
    assert!(text.contains("no goroutine 4000000000"), "{text}");
}

#[test]
fn goroutines_are_listed_and_their_frames_shown_live_and_in_a_core() {
    if Command::new("gdb").arg("--version").output().is_err() {
        println!("not looked at by gdb: there is none");
        return;
    }
    core().into_iter().for_each(|old| std::fs::remove_file(old).unwrap());
    let mut prey = prey();
    let (program, pid) = (std::env::current_exe().unwrap(), prey.0.id());
    let program = program.to_str().unwrap();
    let ask = ["info goroutines", "goroutine all bt", "goroutine 4000000000 bt"];
    let live = gdb(&[program, "-p", &pid.to_string()], &ask);
    if live.contains("Operation not permitted") {
        println!("not looked at by gdb: the system forbids it to trace: {live}");
        return;
    }
    check(&live);
    // SAFETY: our child, which was not waited for yet.
    unsafe { libc::kill(pid.cast_signed(), libc::SIGABRT) };
    prey.0.wait().unwrap();
    let Some(core) = core() else {
        println!("no core looked at: the kernel does not leave them where programs run");
        return;
    };
    check(&gdb(&[program, core.to_str().unwrap()], &ask));
    let _ = std::fs::remove_file(core); // it is large
}
