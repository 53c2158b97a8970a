//! The servers among the examples, each as a child process, with plain clients of std's.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// An example that listens; ended when it is dropped.
struct Server {
    child: Child,
    addr: SocketAddr,
    out: BufReader<ChildStdout>,
}

impl Server {
    fn start(name: &str) -> Server {
        let examples = crate::examples().unwrap_or_else(|why| panic!("no examples: {why}"));
        let mut child = Command::new(examples.join(name))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
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
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn expect(stream: &mut impl Read, text: &str) {
    let mut got = vec![0; text.len()];
    stream.read_exact(&mut got).unwrap();
    assert_eq!(String::from_utf8_lossy(&got), text);
}

/// Drained: a connection that is under way when the server is interrupted is served to its end.
#[test]
fn echo_sends_back_and_drains_when_it_is_interrupted() {
    let mut server = Server::start("echo");
    let mut clients: Vec<_> = (0..50).map(|_| server.connect()).collect();
    for round in 0..20 {
        for (i, client) in clients.iter_mut().enumerate() {
            let text = format!("{round} of {i}");
            client.write_all(text.as_bytes()).unwrap();
            expect(client, &text);
        }
    }
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    while TcpStream::connect(server.addr).is_ok() {
        std::thread::yield_now();
    }
    for client in &mut clients {
        client.write_all(b"still served").unwrap();
        expect(client, "still served");
        client.shutdown(Shutdown::Write).unwrap();
    }
    let mut rest = String::new();
    server.out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "drained\n");
    assert!(server.child.wait().unwrap().success());
}

/// Who says nothing does not keep an interrupted server.
#[test]
fn echo_ends_though_somebody_is_idle() {
    let mut server = Server::start("echo");
    let mut idle = server.connect();
    idle.write_all(b"?").unwrap();
    expect(&mut idle, "?");
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut rest = String::new();
    server.out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "not drained: some connections did not end\n");
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
}

/// A line without an end, of chat's and of kv's, is not kept.
#[test]
fn a_line_without_an_end_ends_its_client_alone() {
    for name in ["chat", "kv"] {
        let server = Server::start(name);
        let mut endless = server.connect();
        let line = vec![b'x'; 1 << 16];
        let ended = (0..1024).any(|_| endless.write_all(&line).is_err());
        assert!(ended, "64 MB for {name}");
        let mut other = server.connect();
        other.write_all(b"PING\r\n").unwrap();
        expect(&mut other, if name == "kv" { "+PONG\r\n" } else { "your name? " });
    }
}

#[test]
fn chat_shows_each_line_to_all_others() {
    let server = Server::start("chat");
    let mut ann = server.connect();
    expect(&mut ann, "your name? ");
    ann.write_all(b"ann\n").unwrap();
    expect(&mut ann, "* with 0 others\n");
    let mut bob = server.connect();
    expect(&mut bob, "your name? ");
    bob.write_all(b"bob\n").unwrap();
    expect(&mut bob, "* with 1 others\n");
    expect(&mut ann, "* bob is here\n");
    ann.write_all(b"hello\n").unwrap();
    expect(&mut bob, "ann: hello\n");
    bob.write_all(b"hi\r\nbye\n").unwrap();
    expect(&mut ann, "bob: hi\nbob: bye\n");
    drop(bob);
    expect(&mut ann, "* bob has left\n");
}

#[test]
fn kv_answers_what_the_benchmark_of_redis_asks() {
    let server = Server::start("kv");
    let mut client = server.connect();
    client.write_all(b"PING\r\n").unwrap();
    expect(&mut client, "+PONG\r\n");
    let command = |words: &[&str]| {
        let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
        let words: Vec<_> = words.collect();
        format!("*{}\r\n{}", words.len(), words.concat())
    };
    let asked = [
        command(&["SET", "key:1", "a value"]),
        command(&["get", "key:1"]),
        command(&["GET", "nothing"]),
        command(&["INCR", "n"]),
        command(&["INCR", "n"]),
        command(&["INCR", "key:1"]),
        command(&["LPUSH", "list", "x", "y"]),
        command(&["LLEN", "list"]),
        command(&["GET", "list"]),
        command(&["DEL", "n", "list", "nothing"]),
        command(&["CONFIG", "GET", "save"]),
    ];
    let answers = "+OK\r\n$7\r\na value\r\n$-1\r\n:1\r\n:2\r\n\
                   -ERR value is not an integer or out of range\r\n:2\r\n:2\r\n\
                   -WRONGTYPE Operation against a key holding the wrong kind of value\r\n:2\r\n*0\r\n";
    client.write_all(asked.concat().as_bytes()).unwrap();
    expect(&mut client, answers);
    // Byte by byte, and a second client at once.
    client.write_all(b"*-1\r\n*0\r\n\r\nLPUSH list\r\nPING\r\n").unwrap();
    expect(&mut client, "-ERR unknown command or wrong number of arguments\r\n+PONG\r\n");
    let mut other = server.connect();
    for byte in asked[1].bytes() {
        client.write_all(&[byte]).unwrap();
        other.write_all(&[byte]).unwrap();
    }
    expect(&mut client, "$7\r\na value\r\n");
    expect(&mut other, "$7\r\na value\r\n");
    other.write_all(b"*1\r\nnonsense\r\n").unwrap();
    expect(&mut other, "-ERR Protocol error\r\n");
    assert_eq!(other.read(&mut [0]).unwrap(), 0);
}

/// A program of the path, or of those that `cargo xtask net-clients` has brought.
fn client(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = std::env::current_exe().unwrap();
    let ours = own.ancestors().map(|folder| folder.join("net-clients/bin"));
    std::env::split_paths(&path).chain(ours).map(|folder| folder.join(name)).find(|it| it.is_file())
}

/// One command at a time over each connection, and sixteen.
#[test]
fn redis_benchmark_runs() {
    let Some(benchmark) = client("redis-benchmark") else {
        return eprintln!("there is no redis-benchmark here: `cargo xtask net-clients` brings it");
    };
    let server = Server::start("kv");
    for pipeline in ["1", "16"] {
        let mut command = Command::new(&benchmark);
        command.args(["-h", "127.0.0.1", "-p", &server.addr.port().to_string(), "-P", pipeline]);
        command.args(["-t", "set,get,incr,lpush,ping", "-n", "20000", "-c", "50", "-q"]);
        let (told, output) = mpsc::channel();
        std::thread::spawn(move || told.send(command.output().unwrap()));
        let output = output.recv_timeout(Duration::from_secs(120)).expect("it to end");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        // While it runs it says how far it is, each time over what it said before.
        let lines: Vec<_> = text.split(['\r', '\n']).collect();
        for name in ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH"] {
            let rate = lines.iter().find_map(|line| {
                let rest = line.strip_prefix(name)?.strip_prefix(": ")?;
                rest.split_once(" requests per second")?.0.parse::<f64>().ok()
            });
            assert!(rate.is_some_and(|rate| rate > 0.0), "{name} with {pipeline}: {text}");
        }
    }
    let mut client = server.connect();
    client.write_all(b"*2\r\n$4\r\nLLEN\r\n$6\r\nmylist\r\n").unwrap();
    expect(&mut client, ":40000\r\n"); // each was done once
}
