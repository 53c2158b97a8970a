//! `#[gaggle::test]` seen from outside: a test that hangs, and one that leaves goroutines behind.

use gaggle::{chan, go, runtime};
use std::process::{Command, Output};

const PART: &str = "GAGGLE_TEST_PART";

fn is_child() -> bool {
    std::env::var_os(PART).is_some()
}

fn run_alone(name: &str) -> (Output, String) {
    let program = std::env::current_exe().expect("this test binary has a path");
    let arguments = ["--exact", name, "--test-threads=1"];
    let output = Command::new(program).args(arguments).env(PART, "1").output();
    let output = output.expect("the test binary runs again");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, text)
}

#[gaggle::test(timeout = 1)]
unsafe fn spins_for_ever_if_asked_to() {
    while is_child() {
        runtime::gosched();
    }
}

#[gaggle::test]
unsafe fn leaves_two_goroutines_behind_if_asked_to() {
    let never = chan::<()>(0);
    for _ in 0..2 {
        let never = never.clone();
        go(move || assert_eq!(never.recv(), Some(())));
    }
    if !is_child() {
        never.send(());
        never.send(());
    }
}

#[test]
fn a_test_that_hangs_ends_the_process_with_its_name() {
    let (output, text) = run_alone("spins_for_ever_if_asked_to");
    assert!(!output.status.success(), "{text}");
    let name = "hanging_test::spins_for_ever_if_asked_to";
    assert!(text.contains(&format!("gaggle: test {name} has not ended within 1s")), "{text}");
}

#[test]
fn goroutines_left_behind_are_reported_and_the_test_passes() {
    let (output, text) = run_alone("leaves_two_goroutines_behind_if_asked_to");
    assert!(output.status.success(), "{text}");
    let name = "hanging_test::leaves_two_goroutines_behind_if_asked_to";
    let warning = format!("test {name} has ended, but 2 of its goroutines have not");
    assert!(text.contains(&warning), "{text}");
}
