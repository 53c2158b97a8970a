//! The server, asked by a plain client.
//!
//! *By The Real Clock*: a browser's clock is the real one.
#![expect(clippy::disallowed_methods, reason = "the client is a plain thread")]

use gaggle_hchan::chan;
use gaggle_inspect::{Running, Server, serve};
use gaggle_runtime::{go, run, spawn};
use gaggle_sync::{Mutex, lockorder};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(60);

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

fn ask(addr: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(addr).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    let head = String::from_utf8(all[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: all.split_off(end) }
}

fn get(addr: SocketAddr, path: &str) -> Answer {
    ask(addr, &format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\n\r\n"))
}

fn text(addr: SocketAddr, path: &str) -> String {
    let answer = get(addr, path);
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    String::from_utf8(answer.body).unwrap()
}

fn state(addr: SocketAddr) -> Value {
    serde_json::from_str(&text(addr, "/debug/gaggle/state.json")).unwrap()
}

fn start() -> Running {
    serve("127.0.0.1:0").unwrap()
}

/// How many goroutines of that state were started in this file.
fn count(state: &Value, wanted: &str) -> u64 {
    let groups = state["groups"].as_array().unwrap().iter();
    let here = groups.filter(|group| {
        group["state"] == wanted && group["site"].as_str().unwrap().contains("tests/serve.rs:")
    });
    here.map(|group| group["count"].as_u64().unwrap()).sum()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < LIMIT, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn every_path_answers_with_what_it_says() {
    let running = start();
    let addr = running.addr();
    let page = text(addr, "/debug/gaggle");
    assert!(page.contains("state.json") && page.starts_with("<!doctype html>"));
    let page = page.replace("url(#", "("); // a part of itself
    for outside in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "nothing comes from elsewhere: {outside}");
    }
    assert!(text(addr, "/debug/gaggle/metrics").contains("/sched/gomaxprocs:threads "));
    text(addr, "/debug/gaggle/stacks");
    text(addr, "/debug/gaggle/leaks");
    assert!(text(addr, "/debug/pprof/").contains("goroutine?debug=1"));
    assert!(text(addr, "/debug/pprof/goroutine?debug=1").starts_with("goroutine profile: total "));
    let packed = get(addr, "/debug/pprof/goroutine");
    assert_eq!((packed.status, &packed.body[..2]), (200, &[0x1f, 0x8b][..]), "gzip");
    assert!(packed.head.contains("application/octet-stream"));
    assert_eq!(get(addr, "/debug/pprof/gophers").status, 404);
    assert_eq!(get(addr, "/elsewhere").status, 404);
    assert_eq!(get(addr, "/debug/gaggle/flight").status, 404, "none runs");
    assert!(get(addr, "/").head.contains("Location: /debug/gaggle\r\n"));
    running.stop();
}

#[test]
fn requests_that_are_none_are_refused_and_the_next_one_is_answered() {
    let running = start();
    let addr = running.addr();
    assert_eq!(ask(addr, "POST / HTTP/1.1\r\n\r\n").status, 405);
    assert_eq!(ask(addr, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").status, 403);
    drop(TcpStream::connect(addr).unwrap());
    let head = ask(addr, "HEAD /debug/gaggle HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!((head.status, head.body.len()), (200, 0));
    let _idle = TcpStream::connect(addr).unwrap(); // says nothing
    assert_eq!(get(addr, "/debug/gaggle").status, 200, "nobody waits for who says nothing");
    running.stop();
}

#[test]
fn who_says_more_than_was_asked_for_reads_its_answer_all_the_same() {
    let running = start();
    let addr = running.addr();
    let more = "x".repeat(30_000);
    for _ in 0..5 {
        assert_eq!(ask(addr, &format!("POST / HTTP/1.1\r\n\r\n{more}")).status, 405);
        assert_eq!(ask(addr, &more).status, 431);
        let page = ask(addr, &format!("GET /debug/gaggle HTTP/1.1\r\n\r\n{more}"));
        assert!(page.status == 200 && page.body.ends_with(b"</html>\n"));
    }
    running.stop();
}

#[test]
fn only_addresses_of_this_machine_are_taken_unless_others_are_allowed() {
    let error = serve("0.0.0.0:0").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied, "{error}");
    assert!(error.to_string().contains("beyond_this_machine"), "{error}");
    let running = Server::new().beyond_this_machine().start("0.0.0.0:0").unwrap();
    let addr = SocketAddr::from(([127, 0, 0, 1], running.addr().port()));
    assert_eq!(ask(addr, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").status, 302);
    running.stop();
}

#[test]
fn it_shows_goroutines_that_wait_for_each_other_for_ever_and_a_trace_of_the_others() {
    let running = start();
    let addr = running.addr();
    let (tell, told) = std::sync::mpsc::channel();
    let stay = Arc::new(AtomicBool::new(true));
    let theirs = Arc::clone(&stay);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let program = std::thread::spawn(move || unsafe {
        run(move || {
            lockorder::check();
            let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
            let (both, gate) = (chan::<()>(0), chan::<()>(0));
            for (one, two) in [(&a, &b), (&b, &a)] {
                let (one, two) = (Arc::clone(one), Arc::clone(two));
                let (both, gate) = (both.clone(), gate.clone());
                go(move || {
                    let _one = one.lock();
                    both.send(());
                    gate.recv();
                    drop(two.lock());
                });
            }
            both.recv();
            both.recv();
            gate.close();
            tell.send(()).unwrap();
            while theirs.load(Ordering::Relaxed) {
                spawn(|| ()).join().unwrap();
                gaggle_time::sleep(Duration::from_millis(1));
            }
        });
    });
    told.recv_timeout(LIMIT).unwrap();
    let stuck = |state: &Value| count(state, "sync.Mutex.Lock");
    wait_until("two wait for a mutex", || stuck(&state(addr)) == 2);
    let seen = state(addr);
    let mut waits = seen["by_state"].as_array().unwrap().iter();
    assert!(waits.any(|it| it["state"] == "sync.Mutex.Lock" && it["count"] == 2), "{seen}");
    assert!(!seen["ps"].as_array().unwrap().is_empty());
    assert!(!seen["ms"].as_array().unwrap().is_empty());
    assert!(text(addr, "/debug/gaggle/stacks").matches("[sync.Mutex.Lock").count() >= 2);
    shows_lines_and_circles(addr);
    let trace: Value = serde_json::from_str(&text(addr, "/debug/gaggle/trace?seconds=1")).unwrap();
    assert!(trace["traceEvents"].as_array().unwrap().len() > 100);
    stay.store(false, Ordering::Relaxed);
    program.join().unwrap();
    running.stop();
}

/// While two wait for each other's mutex: a line before each, and the circle where it is known who holds what.
fn shows_lines_and_circles(addr: SocketAddr) {
    let json = |path| -> Value { serde_json::from_str(&text(addr, path)).unwrap() };
    let lines = json("/debug/gaggle/lines.json");
    let of_mutexes: Vec<_> =
        lines["lines"].as_array().unwrap().iter().filter(|it| it["kind"] == "sync.Mutex").collect();
    assert_eq!(of_mutexes.len(), 2, "{lines}");
    for line in &of_mutexes {
        let waiters = line["waiters"].as_array().unwrap();
        assert_eq!((waiters.len(), &waiters[0]["state"]), (1, &"sync.Mutex.Lock".into()), "{line}");
        assert!(waiters[0]["site"].as_str().unwrap().contains("tests/serve.rs:"), "{line}");
    }
    let waits = json("/debug/gaggle/waits.json");
    assert_eq!(waits["looked"], true, "{waits}");
    if cfg!(debug_assertions) {
        let circles = waits["circles"].as_array().unwrap();
        assert!(circles.iter().any(|it| it.as_array().unwrap().len() == 2), "{waits}");
        assert!(of_mutexes.iter().all(|line| line["holder"].is_u64()), "{lines}");
    }
}

#[test]
fn it_answers_while_every_p_computes_without_a_switch_point() {
    let running = start();
    let addr = running.addr();
    let stay = Arc::new(AtomicBool::new(true));
    let theirs = Arc::clone(&stay);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let program = std::thread::spawn(move || unsafe {
        run(move || {
            let hogs: Vec<_> = (0..4)
                .map(|_| {
                    let stay = Arc::clone(&theirs);
                    spawn(move || while stay.load(Ordering::Relaxed) {})
                })
                .collect();
            hogs.into_iter().for_each(|hog| hog.join().unwrap());
        });
    });
    let at_work = |state: &Value| {
        ["running", "runnable", "preempted"].iter().map(|it| count(state, it)).sum::<u64>()
    };
    wait_until("four compute", || at_work(&state(addr)) == 4);
    assert!(text(addr, "/debug/pprof/goroutine?debug=1").contains("total "));
    let cpu = get(addr, "/debug/pprof/profile?seconds=1");
    assert_eq!((cpu.status, &cpu.body[..2]), (200, &[0x1f, 0x8b][..]), "gzip");
    stay.store(false, Ordering::Relaxed);
    program.join().unwrap();
    running.stop();
}
