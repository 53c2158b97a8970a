//! `#[gaggle::main]`: how a program ends. No harness: this is a program, and it starts itself.
//!
//! Without the variable it is the parent that checks; with it, it is the program that ends so.

use gaggle::{go, runtime};
use std::process::{Command, ExitCode, Output, Termination};

const PART: &str = "GAGGLE_TEST_PART";

#[gaggle::main(procs = 2)]
/// The attribute stays where it is, and so does this text.
#[allow(clippy::unnecessary_wraps, reason = "shows that main may return what std's main may")]
unsafe fn main() -> Result<Ending, Box<dyn std::error::Error>> {
    match std::env::var(PART).as_deref() {
        Err(_) => {
            check_all();
            Ok(Ending::Code(0))
        }
        Ok("ok") => Ok(Ending::Code(0)),
        Ok("code") => Ok(Ending::Code(7)),
        Ok("error") => Err("main failed".into()),
        Ok("panic") => panic!("main\npanicked"),
        Ok("others") => {
            // SEMANTICS A4.
            for _ in 0..10 {
                go(|| {
                    loop {
                        runtime::gosched();
                    }
                });
            }
            Ok(Ending::Code(0))
        }
        Ok("procs") => Ok(Ending::Code(u8::try_from(runtime::gomaxprocs(0))?)),
        Ok("child") => {
            go(|| panic!("in a goroutine"));
            loop {
                runtime::gosched();
            }
        }
        Ok("deadlock") => {
            let never = gaggle::chan::<()>(0);
            let theirs = never.clone();
            go(move || theirs.send(()));
            wait_for_nobody();
            Ok(Ending::Code(0))
        }
        Ok("overflow") => {
            gaggle::spawn(|| recurse(&[0; 64])).join().map_err(|panic| panic.to_string())?;
            Ok(Ending::Code(0))
        }
        Ok("goexit") => {
            // SEMANTICS B6.
            go(|| eprintln!("the other one"));
            runtime::goexit()
        }
        Ok(other) => Err(format!("no part {other}").into()),
    }
}

#[inline(never)]
fn wait_for_nobody() {
    gaggle::chan::<()>(0).recv();
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "that is what the part is about")]
fn recurse(deeper: &[u8; 64]) -> usize {
    let mut here = *std::hint::black_box(deeper);
    here[0] = here[0].wrapping_add(1);
    recurse(&here) + usize::from(here[1])
}

enum Ending {
    Code(u8),
}

impl Termination for Ending {
    fn report(self) -> ExitCode {
        let Ending::Code(code) = self;
        ExitCode::from(code)
    }
}

fn play(part: &str) -> (Option<i32>, String) {
    let program = std::env::current_exe().expect("this program has a path");
    let Output { status, stderr, .. } =
        Command::new(program).env(PART, part).output().expect("it runs again");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

fn check_all() {
    assert_eq!(play("ok"), (Some(0), String::new()));
    assert_eq!(play("code"), (Some(7), String::new()));
    assert_eq!(play("error"), (Some(1), "Error: \"main failed\"\n".into()));
    assert_eq!(play("others"), (Some(0), String::new()));
    assert_eq!(play("procs"), (Some(2), String::new()));

    // SEMANTICS B1, B10: newlines inside the text get a tab after each.
    let (code, text) = play("panic");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.starts_with("panic: main\n\tpanicked\n\ngoroutine "), "{text}");
    assert!(text.contains("main_entry::main"), "{text}");

    let (code, text) = play("child");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.starts_with("panic: in a goroutine\n\ngoroutine "), "{text}");
    assert!(text.contains("main_entry.rs:"), "{text}");

    // SEMANTICS H2.
    let (code, text) = play("deadlock");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.starts_with("fatal error: all goroutines are asleep - deadlock!\n"), "{text}");
    assert!(text.contains("\ngoroutine 1 [chan receive]:\n"), "{text}");
    assert!(text.contains("main_entry::wait_for_nobody(...)"), "{text}");
    assert!(text.contains(" [chan send"), "{text}");

    // SEMANTICS D8.
    let (code, text) = play("overflow");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.starts_with("runtime: goroutine stack exceeds "), "{text}");
    assert!(text.contains("fatal error: stack overflow\n"), "{text}");
    assert!(text.contains("main_entry::recurse(...)"), "{text}");

    // SEMANTICS B6.
    let (code, text) = play("goexit");
    assert_eq!(code, Some(2), "{text}");
    let fatal = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!";
    assert!(text.starts_with("the other one\n") && text.contains(fatal), "{text}");
}
