//! Every shape of the other runtimes that are built in, once, with few operations, each in a process of its own that is
//! killed if it does not end. `cargo xtask ci` does it with all of them, and with the twins in Go.

use std::process::Command;

const RUNTIMES: &[&str] = &[
    "threads",
    #[cfg(feature = "tokio")]
    "tokio",
    #[cfg(feature = "may")]
    "may",
    #[cfg(feature = "go-lib")]
    "go-lib",
];

#[test]
fn every_shape_of_the_other_runtimes_ends_well() {
    let mut once = Command::new(env!("CARGO_BIN_EXE_gaggle-benches"));
    once.args(["--once", "--compare", &RUNTIMES.join(",")]);
    let output = once.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{why}");
    for name in RUNTIMES {
        assert!(said.contains(&format!("{name}: ")), "{name} did not run: {said}");
    }
}
