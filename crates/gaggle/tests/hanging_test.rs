//! `#[gaggle::test]` seen from outside: tests that hang, that leak, and that leave goroutines behind.

use gaggle::{chan, go, runtime};
use std::process::{Command, Output};
use std::time::Duration;

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

fn wait_for_nothing(count: usize) {
    let never = chan::<()>(0);
    for _ in 0..count {
        let never = never.clone();
        go(move || _ = never.recv());
    }
    if !is_child() {
        (0..count).for_each(|_| never.send(()));
    }
}

#[gaggle::test]
unsafe fn leaks_two_goroutines_if_asked_to() {
    wait_for_nothing(2);
}

#[gaggle::test(leaks = "allow")]
unsafe fn leaks_two_goroutines_and_may_if_asked_to() {
    wait_for_nothing(2);
}

#[gaggle::test]
unsafe fn leaves_two_that_sleep_behind_if_asked_to() {
    let stop = chan::<()>(0);
    for _ in 0..2 {
        let stop = stop.clone();
        go(move || _ = stop.recv_timeout(Duration::from_secs(10_000)));
    }
    if !is_child() {
        stop.close();
    }
}

#[test]
fn a_test_that_hangs_ends_the_process_with_its_name() {
    let (output, text) = run_alone("spins_for_ever_if_asked_to");
    assert!(!output.status.success(), "{text}");
    let name = "hanging_test::spins_for_ever_if_asked_to";
    assert!(text.contains(&format!("gaggle: test {name} has not ended within 1s")), "{text}");
}

#[gaggle::test]
unsafe fn ends_in_order_beside_others() {
    let done = chan::<()>(0);
    let theirs = done.clone();
    go(move || theirs.send(()));
    assert_eq!(done.recv(), Some(()));
}

/// In one process, with four threads of the harness, who leaks fails and nobody else does (SEMANTICS AE1, AE3).
/// What an earlier test left on a stack may hide a leak now and then, so there are some tries for that; it never
/// makes one.
#[test]
fn of_tests_that_run_in_parallel_only_the_one_that_leaks_fails() {
    const LEAKS: &str = "leaks_two_goroutines_if_asked_to";
    let names = [
        "ends_in_order_beside_others",
        "leaks_two_goroutines_and_may_if_asked_to",
        "leaves_two_that_sleep_behind_if_asked_to",
    ];
    let is_found = |_: u32| {
        let program = std::env::current_exe().expect("this test binary has a path");
        let mut command = Command::new(program);
        command.args(["--exact", LEAKS, "--test-threads=4"]).args(names).env(PART, "1");
        let output = command.output().expect("the test binary runs again");
        let text = String::from_utf8_lossy(&output.stdout);
        for name in names {
            assert!(text.contains(&format!("test {name} ... ok\n")), "{name}\n{text}");
        }
        text.contains(&format!("test {LEAKS} ... FAILED\n"))
    };
    assert!((0..8).any(is_found), "it was never found");
}

#[test]
fn a_test_that_leaks_fails_with_the_stack_and_the_go_statement_of_each() {
    let (output, _) = run_alone("leaks_two_goroutines_if_asked_to");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{text}");
    let name = "hanging_test::leaks_two_goroutines_if_asked_to";
    assert!(
        text.contains(&format!("test {name} leaks goroutines that nobody can wake:")),
        "{text}"
    );
    assert_eq!(text.matches(" [chan receive (").count(), 2, "{text}");
    assert!(text.contains("hanging_test::wait_for_nothing"), "{text}");
    assert_eq!(text.matches("created by go statement in goroutine ").count(), 2, "{text}");
}

#[test]
fn goroutines_left_behind_that_may_go_on_are_reported_and_the_test_passes() {
    for name in
        ["leaks_two_goroutines_and_may_if_asked_to", "leaves_two_that_sleep_behind_if_asked_to"]
    {
        let (output, text) = run_alone(name);
        assert!(output.status.success(), "{text}");
        let warning =
            format!("test hanging_test::{name} has ended, but 2 of its goroutines have not");
        assert!(text.contains(&warning), "{text}");
    }
}
