//! The stress of a server, at a hundredth: `cargo xtask net-stress` is the whole of it.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn a_server_under_stress_at_a_hundredth() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_net_stress"));
    let command = command.args(["0.01", "24301", "0"]).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let (told, end) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        told.send(out.read_to_string(&mut text).map(|_| text))
    });
    // Fifteen seconds by itself, of which most are sleeps: more is a hang.
    let text = end.recv_timeout(Duration::from_secs(300));
    let _ = child.kill(); // it has ended, or never will
    let status = child.wait().unwrap();
    let text = text.expect("it to end").unwrap();
    assert!(text.ends_with("net_stress: ok\n"), "{status}: {text}");
}
