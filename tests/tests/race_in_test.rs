//! A race that our own detector reports while a test runs fails that test (SEMANTICS Z3), seen from outside.

use gaggle::race::Cell;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Int64;
use std::process::{Command, Output};

const PART: &str = "GAGGLE_TEST_PART";

fn run_alone(name: &str) -> (Output, String) {
    let program = std::env::current_exe().expect("this test binary has a path");
    let arguments = ["--exact", name, "--test-threads=1", "--nocapture"];
    let output = Command::new(program).args(arguments).env(PART, "1").output();
    let output = output.expect("the test binary runs again");
    let text = [&*output.stdout, &*output.stderr].concat();
    (output, String::from_utf8_lossy(&text).into_owned())
}

#[gaggle::test]
unsafe fn races_if_asked_to() {
    static COUNTER: Cell<i64> = Cell::new(0);
    if std::env::var_os(PART).is_some() {
        let wg = WaitGroup::new();
        for _ in 0..2 {
            wg.go(|| COUNTER.update(|it| it + 1));
        }
        wg.wait();
    }
}

#[gaggle::test]
unsafe fn does_not_race() {
    static COUNTER: Int64 = Int64::new(0);
    let wg = WaitGroup::new();
    for _ in 0..2 {
        wg.go(|| _ = COUNTER.add(1));
    }
    wg.wait();
    assert_eq!(COUNTER.load(), 2);
}

#[test]
fn a_test_that_races_fails_with_go_s_words() {
    let (output, text) = run_alone("races_if_asked_to");
    assert_eq!(output.status.code(), Some(66), "{text}");
    assert!(text.contains("WARNING: DATA RACE"), "{text}");
    assert!(text.contains("race detected during execution of test"), "{text}");
    assert!(text.contains("test result: FAILED. 0 passed; 1 failed"), "{text}");
}

#[test]
fn a_test_that_does_not_race_passes_in_the_same_build() {
    let (output, text) = run_alone("does_not_race");
    assert!(output.status.success(), "{text}");
    assert!(text.contains("test result: ok. 1 passed"), "{text}");
}
