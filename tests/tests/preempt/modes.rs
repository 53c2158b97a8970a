//! The same tests in the other modes, in processes of their own.

use std::process::{Command, Stdio};

/// Set in the children, which do not run themselves again.
const CHILD: &str = "GAGGLE_TEST_PREEMPT_CHILD";

fn again(debug: &str, skip: &[&str]) {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CHILD, "1").env("GAGGLE_DEBUG", debug).stdin(Stdio::null());
    for test in skip {
        command.args(["--skip", test]);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("test result: ok"),
        "GAGGLE_DEBUG={debug}: {}\n{text}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn all_of_it_holds_with_slices_of_a_millisecond() {
    again("preempt=strict,slice=1000", &[]);
}

#[test]
fn all_of_it_holds_in_hand_off_mode() {
    // There a computing goroutine goes on without a P, on a thread of its own: that is the mode.
    // And there is no crowd.
    let strict = ["hundreds_of_computing_goroutines_need_few_threads", "past_a_crowd"];
    again("preempt=handoff", &strict);
}

#[test]
fn blocking_calls_lose_their_p_even_when_preemption_is_off() {
    // Beside a loop that never ends nothing else runs on its P: that is the mode.
    let hogs = [
        "hogs::",
        "state::",
        "world::",
        "depot::",
        "arch::",
        "turns::",
        "hundreds_",
        "who_comes_out",
        "may_end_or_panic",
        "a_pinned",
    ];
    again("preempt=off", &hogs);
}
