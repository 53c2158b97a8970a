//! A program whose command is no text: one that starts itself so, and asks. The harness of tests refuses such words.
//!
//! *By The Real Clock*: the client is a plain thread.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// A byte that no text has.
const WORD: &[u8] = b"w\xffrd";

fn get(addr: SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer") + 4;
    all.split_off(end)
}

fn main() {
    if std::env::args_os().any(|it| it.as_bytes() == WORD) {
        let running = gaggle_inspect::serve("127.0.0.1:0").unwrap();
        let words = get(running.addr(), "/debug/pprof/cmdline");
        assert_eq!(words, [WORD, b"as it is", WORD].join(&0));
        let state: serde_json::Value =
            serde_json::from_slice(&get(running.addr(), "/debug/gaggle/state.json")).unwrap();
        assert_eq!(state["program"], "w\u{fffd}rd");
        return;
    }
    let word = OsStr::from_bytes(WORD);
    let this = std::env::current_exe().unwrap();
    let ended = Command::new(this).arg0(word).arg("as it is").arg(word).status().unwrap();
    assert!(ended.success(), "the program ended so: {ended}");
    println!("what was started with words that are no text shows them");
}
