//! Whole programs under `GAGGLE_SEED` that nobody watches: how they end.

use gaggle_hchan::chan;
use gaggle_runtime::{go, goexit};
use gaggle_sim::Sim;
use std::process::{Command, Output};
use std::time::Duration;

/// Runs this binary as one of the programs below, under a seed.
fn program(name: &str) -> (Output, String) {
    let me = std::env::current_exe().unwrap();
    let output = Command::new(me).env("PROGRAM", name).env("GAGGLE_SEED", "21").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, text)
}

fn stuck() {
    go(|| gaggle_time::sleep(Duration::from_secs(3600)));
    assert_eq!(chan::<()>(0).recv(), None, "nobody closes it");
}

/// A program's leftovers do not keep it from its end (SEMANTICS A4).
fn leaves_others_behind() {
    go(|| {
        loop {
            gaggle_time::sleep(Duration::from_millis(1));
        }
    });
    go(|| assert_eq!(chan::<u8>(0).recv(), None, "nobody closes it"));
    gaggle_time::sleep(Duration::from_secs(60));
    print!("at its end");
}

/// What a thread outside has done counts, and is done, also if the thread is gone before anybody looks. What it has set
/// comes by the machine's clock, however busy that is.
fn who_is_gone_was_waited_for() {
    for later in [false, true] {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let report = unsafe {
            Sim::new(1).patience(Duration::from_secs(60)).run(move || {
                let line = chan::<u8>(1);
                let theirs = line.clone();
                std::thread::spawn(move || {
                    #[expect(clippy::disallowed_methods, reason = "a thread of its own")]
                    std::thread::sleep(Duration::from_millis(2));
                    match later {
                        false => theirs.send(1),
                        true => {
                            drop(gaggle_time::after_func(Duration::from_millis(200), move || {
                                theirs.send(1)
                            }))
                        }
                    }
                });
                line.recv()
            })
        };
        let report = report.unwrap_or_else(|failed| panic!("{failed}"));
        assert!(report.from_outside() > 0, "the seed alone has not decided it");
        assert_eq!(report.into_value(), Some(Some(1)));
    }
}

fn main() {
    match std::env::var("PROGRAM").as_deref() {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        Ok("stuck") => return unsafe { gaggle_runtime::run(stuck) },
        // SAFETY: as above.
        Ok("left") => return unsafe { gaggle_runtime::run(leaves_others_behind) },
        // SAFETY: as above.
        Ok(_) => return unsafe { gaggle_runtime::run(|| goexit()) },
        Err(_) => {}
    }
    let (output, text) = program("stuck");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.starts_with("fatal error: all goroutines are asleep - deadlock!"), "H2: {text}");
    assert!(text.contains("[chan receive, 60 minutes]"), "on the clock of the run: {text}");
    assert!(text.trim_end().ends_with("GAGGLE_SEED=21 replays it"), "{text}");
    let (output, text) = program("left");
    assert!(output.status.success(), "{text}");
    assert_eq!(output.stdout, b"at its end");
    let (output, text) = program("goexit");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("no goroutines (main called runtime.Goexit) - deadlock!"), "{text}");
    (0..20).for_each(|_| who_is_gone_was_waited_for());
}
