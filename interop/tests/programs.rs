//! Each program on 127.0.0.1, with clients that are not ours.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

/// A program that listens; ended when it is dropped.
struct Server {
    child: Child,
    addr: SocketAddr,
    out: BufReader<ChildStdout>,
}

impl Server {
    fn start(exe: &str, args: &[&str]) -> Server {
        let mut command = Command::new(exe);
        let mut child =
            command.arg("127.0.0.1:0").args(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let addr = line.trim().strip_prefix("listening at ").expect("its address").parse().unwrap();
        Server { child, addr, out }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Interrupts it: the rest of what it says.
    fn interrupt(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
        rest
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn http() -> Server {
    Server::start(env!("CARGO_BIN_EXE_http_hello"), &[])
}

fn https(cert: &str) -> Server {
    Server::start(env!("CARGO_BIN_EXE_https_hello"), &["--cert", cert])
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("gaggle-interop-{}-{name}", std::process::id()))
}

/// One request over `stream`: status line and body.
fn get(stream: &mut BufReader<TcpStream>, path: &str) -> (String, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n");
    stream.get_mut().write_all(request.as_bytes()).unwrap();
    let mut status = String::new();
    stream.read_line(&mut status).unwrap();
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        match line.trim_end().to_ascii_lowercase().strip_prefix("content-length: ") {
            Some(digits) => length = digits.parse().unwrap(),
            None if line.trim_end().is_empty() => break,
            None => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (status.trim_end().to_owned(), String::from_utf8(body).unwrap())
}

fn is_here(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok()
}

#[test]
fn hyper_answers_many_connections_that_stay() {
    let server = http();
    let mut clients: Vec<_> = (0..40).map(|_| BufReader::new(server.connect())).collect();
    for _ in 0..10 {
        for client in &mut clients {
            let (status, body) = get(client, "/");
            assert_eq!((&*status, &*body), ("HTTP/1.1 200 OK", "Hello, World!"));
        }
    }
    assert_eq!(get(&mut clients[0], "/other").0, "HTTP/1.1 404 Not Found");
}

/// Idle connections end, and the program with them.
#[test]
fn hyper_drains_when_it_is_interrupted() {
    let server = http();
    let mut clients: Vec<_> = (0..10).map(|_| BufReader::new(server.connect())).collect();
    clients.iter_mut().for_each(|client| _ = get(client, "/"));
    assert_eq!(server.interrupt(), "drained\n");
    for client in &mut clients {
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn curl_is_answered_over_http_and_https() {
    if !is_here("curl") {
        return eprintln!("there is no curl here");
    }
    let cert = temporary("curl.pem");
    let cert = cert.to_str().unwrap();
    let (plain, tls) = (http(), https(cert));
    let curl = |args: &[&str]| {
        let output = Command::new("curl").args(["-sS", "-m", "60"]).args(args).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(curl(&[&format!("http://{}/", plain.addr)]), "Hello, World!");
    let url = format!("https://{}/", tls.addr);
    assert_eq!(curl(&["--cacert", cert, &url, &url]), "Hello, TLS!Hello, TLS!");
    std::fs::remove_file(cert).unwrap();
}

#[test]
fn openssl_verifies_the_certificate() {
    if !is_here("openssl") && Command::new("openssl").arg("version").output().is_err() {
        return eprintln!("there is no openssl here");
    }
    let cert = temporary("openssl.pem");
    let server = https(cert.to_str().unwrap());
    let mut client = Command::new("openssl")
        .args(["s_client", "-quiet", "-verify_return_error", "-connect", &server.addr.to_string()])
        .args(["-CAfile", cert.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = client.stdin.take().unwrap();
    stdin.write_all(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("Hello, TLS!"), "{answer}");
    drop(stdin);
    client.wait().unwrap();
    std::fs::remove_file(cert).unwrap();
}

/// A body is passed over, a question for the head alone gets that, and who says farewell is answered.
#[test]
fn requests_over_tls_follow_each_other() {
    let cert = temporary("follow.pem");
    let server = https(cert.to_str().unwrap());
    let mut roots = rustls::RootCertStore::empty();
    let pem = std::fs::read(&cert).unwrap();
    let found = rustls_native_certs::load_certs_from_paths(Some(&cert), None);
    assert!(!pem.is_empty() && !found.certs.is_empty());
    roots.add_parsable_certificates(found.certs);
    let config =
        rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let session = rustls::ClientConnection::new(config.into(), name).unwrap();
    let mut stream = rustls::StreamOwned::new(session, server.connect());
    let asked = "POST / HTTP/1.1\r\nContent-Length: 8\r\n\r\n\r\n\r\n\r\n\r\nHEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    stream.write_all(asked.as_bytes()).unwrap();
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: keep-alive\r\n\r\n";
    let answers = format!("{head}Hello, TLS!{head}{head}Hello, TLS!");
    let mut got = vec![0; answers.len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(String::from_utf8(got).unwrap(), answers);
    stream.conn.send_close_notify();
    stream.flush().unwrap();
    // Without the server's farewell this would be `UnexpectedEof`.
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    std::fs::remove_file(cert).unwrap();
}

#[test]
fn websockets_get_their_messages_back() {
    let server = Server::start(env!("CARGO_BIN_EXE_ws_echo"), &[]);
    let connect = || {
        let url = format!("ws://{}/", server.addr);
        tungstenite::client(url, server.connect()).unwrap().0
    };
    let mut clients: Vec<_> = (0..20).map(|_| connect()).collect();
    for round in 0..10 {
        for (i, client) in clients.iter_mut().enumerate() {
            let text = tungstenite::Message::text(format!("{round} of {i}"));
            client.send(text.clone()).unwrap();
            assert_eq!(client.read().unwrap(), text);
        }
    }
    let large = tungstenite::Message::binary(vec![7; 1 << 20]);
    clients[0].send(large.clone()).unwrap();
    assert_eq!(clients[0].read().unwrap(), large);
    for mut client in clients {
        client.close(None).unwrap();
        while client.read().is_ok() {}
    }
    assert_eq!(server.interrupt(), "drained\n");
}

/// Whoever is connected and asks for nothing, or for half of something, does not keep an interrupted program.
#[test]
fn idle_connections_do_not_keep_a_program_that_is_interrupted() {
    let cert = temporary("idle.pem");
    let tls = https(cert.to_str().unwrap());
    let mut silent = tls.connect();
    let ws = Server::start(env!("CARGO_BIN_EXE_ws_echo"), &[]);
    let url = format!("ws://{}/", ws.addr);
    let (mut idle, _) = tungstenite::client(url, ws.connect()).unwrap();
    let message = tungstenite::Message::text("once");
    idle.send(message.clone()).unwrap();
    assert_eq!(idle.read().unwrap(), message);
    assert_eq!(tls.interrupt(), "drained\n");
    assert_eq!(silent.read(&mut [0]).unwrap(), 0);
    assert_eq!(ws.interrupt(), "drained\n");
    assert!(idle.read().is_err());
    std::fs::remove_file(cert).unwrap();

    let plain = http();
    let mut half = plain.connect();
    half.write_all(b"GET / HT").unwrap();
    let mut client = BufReader::new(plain.connect());
    assert_eq!(get(&mut client, "/").0, "HTTP/1.1 200 OK");
    plain.interrupt(); // it says whether it was drained
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}

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
