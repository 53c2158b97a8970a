//! The programs that fetch a list of URLs.

use super::{Server, http, https, temporary};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Instant;

/// A server that answers and keeps the connection, against what it was asked for.
fn keeps() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 1000]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-length: 2\r\n\r\nok");
            kept.push(stream);
        }
    });
    addr
}

/// Lines that are no text, twice the same, a mark of the encoding, capitals, a fragment, ends of lines as on other systems.
#[test]
fn odd_lines_are_read_as_they_are_meant() {
    let addr = keeps();
    let path = temporary("odd");
    let mut list = format!("\u{feff}http://{addr}/\r\n\r\n  HTTP://{addr}#top  \n").into_bytes();
    list.extend_from_slice(b"http://\xff\xfe/\n");
    list.extend_from_slice(format!("http://{addr}/\nhttp://user:word@{addr}/").as_bytes());
    std::fs::write(&path, list).unwrap();
    let run = |args: &[&str]| {
        let exe = env!("CARGO_BIN_EXE_web_checker");
        Command::new(exe).arg(&path).args(args).output().unwrap()
    };
    let output = run(&["60"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with("3 up, 2 down\n"), "{text}");
    assert_eq!(text.lines().count(), 6, "{text}");
    for wrong in ["-1", "NaN", "1e30", "soon"] {
        let output = run(&[wrong]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains("usage: web_checker"), "{text}");
    }
    std::fs::remove_file(path).unwrap();
}

/// A list with everything that can go wrong.
fn list(name: &str, plain: &Server, tls: &Server, silent: SocketAddr) -> (PathBuf, Vec<String>) {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let urls = vec![
        format!("http://{}/", plain.addr),
        format!("http://{}/other", plain.addr),
        format!("https://{}/", tls.addr),
        format!("https://{}/", plain.addr), // no TLS there
        format!("http://{gone}/"),
        format!("http://{silent}/"),
        "gopher://nobody/".to_owned(),
        "http://name.invalid/".to_owned(),
        "nonsense".to_owned(),
    ];
    let path = temporary(name);
    std::fs::write(&path, format!("# a comment\n\n{}\n", urls.join("\n"))).unwrap();
    (path, urls)
}

fn check(exe: &str, name: &str) -> (Output, Vec<String>) {
    let cert = temporary(&format!("{name}.pem"));
    let (plain, tls) = (http(), https(cert.to_str().unwrap()));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (path, urls) = list(name, &plain, &tls, silent.local_addr().unwrap());
    let output =
        Command::new(exe).arg(&path).arg("2").env("SSL_CERT_FILE", &cert).output().unwrap();
    std::fs::remove_file(path).unwrap();
    std::fs::remove_file(cert).unwrap();
    assert!(output.status.success(), "{output:?}");
    (output, urls)
}

/// The line about `url`.
fn line<'a>(text: &'a str, url: &str) -> &'a str {
    text.lines()
        .find(|line| line.split(' ').next() == Some(url))
        .unwrap_or_else(|| panic!("{url}: {text}"))
}

#[test]
fn the_checker_prints_a_row_for_each_url_whatever_happens() {
    let (output, urls) = check(env!("CARGO_BIN_EXE_web_checker"), "checker");
    let text = String::from_utf8(output.stdout).unwrap();
    let order: Vec<_> =
        text.lines().take(urls.len()).map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(order, urls);
    let has = |url: usize, what: &str| {
        assert!(line(&text, &urls[url]).contains(what), "{what} of {}: {text}", urls[url]);
    };
    has(0, " 200 ");
    has(1, " 404 ");
    has(2, " 200 ");
    has(4, "refused");
    has(5, "context deadline exceeded");
    has(6, "unsupported protocol scheme");
    has(8, "no scheme");
    (3..9).for_each(|url| has(url, " down "));
    assert!(text.ends_with("3 up, 6 down\n"), "{text}");
}

#[test]
fn the_fetcher_prints_every_answer_as_it_comes() {
    let (output, urls) = check(env!("CARGO_BIN_EXE_parallel_fetcher"), "fetcher");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), urls.len(), "{text}");
    assert!(line(&text, &urls[0]).contains(" 200 "), "{text}");
    assert!(line(&text, &urls[2]).contains(" 200 "), "{text}");
    (3..9).for_each(|url| assert!(line(&text, &urls[url]).contains(" err: "), "{text}"));
}

/// A server that answers nobody before so many have asked.
fn patient(count: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let asked: Vec<_> = listener.incoming().take(count).map(Result::unwrap).collect();
        for mut stream in asked {
            let _ = stream.read(&mut [0; 1000]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    addr
}

/// Whoever fetched one after the other would wait for ever for the first answer. Those that never come cost the
/// limit once: each URL has its own, and they run out together.
#[test]
fn urls_are_fetched_at_once_each_within_its_own_limit() {
    const LIMIT: u64 = 5;
    let (quick, slow) = (30, 10);
    let programs = [env!("CARGO_BIN_EXE_web_checker"), env!("CARGO_BIN_EXE_parallel_fetcher")];
    for (number, exe) in programs.into_iter().enumerate() {
        let (addr, silent) = (patient(quick), TcpListener::bind("127.0.0.1:0").unwrap());
        let never = silent.local_addr().unwrap();
        let urls = (0..slow).map(|n| format!("http://{never}/{n}"));
        let urls: Vec<_> = urls.chain((0..quick).map(|n| format!("http://{addr}/{n}"))).collect();
        let path = temporary(&format!("at-once-{number}"));
        std::fs::write(&path, urls.join("\n")).unwrap();
        let begin = Instant::now();
        let output = Command::new(exe).arg(&path).arg(LIMIT.to_string()).output().unwrap();
        let took = begin.elapsed().as_secs();
        std::fs::remove_file(path).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for url in &urls[..slow] {
            let said = line(&text, url);
            assert!(said.contains("context deadline exceeded"), "{said}");
            let time = said.split(" ms").next().and_then(|it| it.split(' ').next_back());
            let time: f64 = time.unwrap().parse().unwrap();
            assert!(time >= LIMIT as f64 * 999.0, "{said}"); // not before its own limit
        }
        urls[slow..].iter().for_each(|url| assert!(line(&text, url).contains(" 200 "), "{text}"));
        // Half of what those that never answer would take in turns: at once they take the limit, and a busy machine some more.
        let in_turns = slow as u64 * LIMIT;
        assert!((LIMIT..in_turns / 2).contains(&took), "{took} s, and {in_turns} s in turns");
    }
}
