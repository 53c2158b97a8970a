//! Leaks that the page lists while others ask it for what else they see: whoever looks at a leaked goroutine must
//! not hide it.
#![expect(clippy::disallowed_methods, reason = "the clients are plain threads")]

use gaggle_hchan::chan;
use gaggle_inspect::serve;
use gaggle_runtime::{go, run, spawn};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const LEAKS: usize = 10;
const ROUNDS: usize = 12;
/// What is asked for at the same time.
const LOOKS: [&str; 6] =
    ["lines.json", "state.json", "lines.json", "waits.json", "stacks", "lines.json"];

fn get(addr: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    write!(stream, "GET /debug/gaggle/{path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// One round: how many leaks the page names.
fn leaks_named(addr: SocketAddr) -> usize {
    let answers = std::thread::scope(|scope| {
        let ask = |path| scope.spawn(move || (path, get(addr, path)));
        LOOKS.map(ask).map(|client| client.join().unwrap())
    });
    let (_, waits) = answers.iter().find(|(path, _)| *path == "waits.json").unwrap();
    let waits: serde_json::Value = serde_json::from_str(waits).unwrap();
    assert_eq!(waits["looked"], true, "{waits}");
    waits["leaks"].as_u64().unwrap() as usize
}

#[test]
fn who_looks_at_a_leak_does_not_hide_it() {
    let running = serve("127.0.0.1:0").unwrap();
    let leak = || {
        (0..LEAKS).for_each(|_| {
            let lost = chan::<()>(0);
            go(move || lost.send(()));
        });
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { run(move || spawn(leak).join().unwrap()) };
    while !get(running.addr(), "lines.json").contains(&format!("\"count\":{LEAKS},\"took_ms\"")) {
        std::thread::sleep(Duration::from_millis(2)); // until all wait
    }
    let rounds: Vec<usize> = (0..ROUNDS).map(|_| leaks_named(running.addr())).collect();
    running.stop();
    // A number that looks like an address may hide one now and then.
    let whole = rounds.iter().filter(|named| **named == LEAKS).count();
    assert!(whole >= ROUNDS - 2 && rounds.iter().all(|named| *named > 0), "{rounds:?}");
}
