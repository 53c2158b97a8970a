//! Each program on 127.0.0.1, with clients that are not ours.

mod clients;
mod lists;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
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

    fn signal(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    }

    /// Interrupts it: the rest of what it says.
    fn interrupt(self) -> String {
        self.signal();
        self.end()
    }

    /// The rest of what it says, to its end.
    fn end(mut self) -> String {
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

/// Half a body has come when the program is interrupted: the other half is awaited, and the answer is whole.
#[test]
fn hyper_finishes_a_request_that_is_under_way() {
    let server = http();
    let mut idle = BufReader::new(server.connect());
    assert_eq!(get(&mut idle, "/").0, "HTTP/1.1 200 OK");
    let mut clients: Vec<_> = (0..20).map(|_| BufReader::new(server.connect())).collect();
    for client in &mut clients {
        let head = "POST /echo HTTP/1.1\r\nHost: here\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n";
        client.get_mut().write_all(head.as_bytes()).unwrap();
        let mut word = [0; 25];
        client.read_exact(&mut word).unwrap(); // who answers reads by now
        assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
        client.get_mut().write_all(b"half").unwrap();
    }
    server.signal();
    while TcpStream::connect(server.addr).is_ok() {
        std::thread::yield_now();
    }
    assert_eq!(idle.read(&mut [0]).unwrap(), 0); // who asks for nothing is let go
    for mut client in clients {
        client.get_mut().write_all(b"done").unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap(); // to the end, which the server makes
        let whole =
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhalfdone");
        assert!(whole, "{answer}");
    }
    assert_eq!(server.end(), "drained\n");
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

/// As a page's script does it: with the page's origin, more than one wish for the connection, and an extension that nobody here has.
#[test]
fn a_browser_like_client_upgrades_to_a_websocket() {
    let server = Server::start(env!("CARGO_BIN_EXE_ws_echo"), &[]);
    let mut stream = server.connect();
    let asked = format!(
        "GET /chat HTTP/1.1\r\nHost: {addr}\r\nConnection: keep-alive, Upgrade\r\nPragma: no-cache\r\n\
         Cache-Control: no-cache\r\nUser-Agent: Mozilla/5.0\r\nUpgrade: websocket\r\nOrigin: http://{addr}\r\n\
         Sec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\nCookie: {cookie}\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n",
        addr = server.addr,
        cookie = "c".repeat(3000),
    );
    stream.write_all(asked.as_bytes()).unwrap();
    let (mut stream, mut head) = (BufReader::new(stream), String::new());
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "the end after {head:?}");
    }
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 101 "), "{head}");
    // The answer to this key that RFC 6455 has.
    assert!(head.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"), "{head}");
    assert!(!head.contains("permessage-deflate"), "{head}");
    // A text, masked as a client's must be; it comes back as a server's, which is not.
    let mask = [1, 2, 3, 4];
    let masked: Vec<u8> = b"hello".iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b).collect();
    stream.get_mut().write_all(&[&[0x81, 0x85][..], &mask, &masked].concat()).unwrap();
    let mut frame = [0; 7];
    stream.read_exact(&mut frame).unwrap();
    assert_eq!(&frame, b"\x81\x05hello");
    drop(stream); // as when its window is closed
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
