//! SIGPIPE (SEMANTICS V6): of standard output it kills, elsewhere it is an error.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

/// Runs a program that prints until it ends, and stops reading after the first line.
fn read_one_line_of(program: &str) -> std::process::ExitStatus {
    let mut child = Command::new(env!("CARGO_BIN_EXE_child"))
        .arg(program)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.wait().unwrap()
}

#[test]
fn a_broken_standard_output_kills() {
    assert_eq!(read_one_line_of("print_for_ever").signal(), Some(libc::SIGPIPE));
}

#[test]
fn a_program_that_asks_for_the_signal_is_not_killed_by_it() {
    assert_eq!(read_one_line_of("print_and_notify").code(), Some(3));
}

#[test]
fn elsewhere_it_is_an_error() {
    crate::child::run("broken_socket").does_well("Broken pipe\n");
}
