//! What a connection costs its server: processor time of an exchange, memory of one that waits.

use super::memory::resident;
use super::{Shape, Weight, Work};
use crate::figures::{Figure, Unit};
use crate::load::Client;
use crate::meter::Meter;
use gaggle::net::{TcpListener, TcpStream};
use gaggle::sync::WaitGroup;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) static SHAPES: [Shape; 4] = [
    Shape {
        name: "echo_1",
        about: "64 bytes to a client in another process and back: one connection",
        n: 100_000,
        weight: Weight::Light,
        work: Work::Own(|n| echo(1, n)),
    },
    Shape {
        name: "echo_50",
        about: "the same over 50 connections",
        n: 300_000,
        weight: Weight::Light,
        work: Work::Own(|n| echo(50, n)),
    },
    Shape {
        name: "echo_1000",
        about: "the same over 1000 connections",
        n: 300_000,
        weight: Weight::Light,
        work: Work::Own(|n| echo(1000, n)),
    },
    Shape {
        name: "connections",
        about: "a connection whose goroutine waits for its client: memory",
        n: 5000,
        weight: Weight::Light,
        work: Work::Own(waiting),
    },
];

/// What a goroutine reads into.
const BUFFER: usize = 1024;

/// As many descriptors as we may have.
fn raise_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place for the answer.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: the limits live across the call.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
}

/// Sends back what comes; how many bytes that was.
fn serve(mut stream: TcpStream) -> u64 {
    let mut buf = [0; BUFFER];
    let mut sum = 0;
    loop {
        match stream.read(&mut buf).expect("a read") {
            0 => return sum,
            count => {
                stream.write_all(&buf[..count]).expect("a write");
                sum += count as u64;
            }
        }
    }
}

/// A server with its connections, each served by a goroutine that has not been told to begin.
struct Server {
    client: Client,
    streams: Vec<TcpStream>,
    served: WaitGroup,
    sum: Arc<AtomicU64>,
    before: u64,
}

impl Server {
    fn start(connections: u64, exchanges: u64) -> Server {
        raise_limit();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let addr = listener.local_addr().expect("its address").to_string();
        let before = resident();
        let client = Client::start(&addr, connections, exchanges);
        let (sum, served) = (Arc::new(AtomicU64::new(0)), WaitGroup::new());
        let mut streams = Vec::new();
        for _ in 0..connections {
            let (stream, _) = listener.accept().expect("a connection");
            stream.set_nodelay(true).expect("a setting");
            streams.push(stream.try_clone().expect("a handle"));
            let sum = Arc::clone(&sum);
            served.go(move || {
                let bytes = serve(stream);
                sum.fetch_add(bytes, Ordering::Relaxed);
            });
        }
        Server { client, streams, served, sum, before }
    }

    /// Lets the clients begin, and waits for their end: how many bytes came.
    fn finish(self) -> u64 {
        for mut stream in self.streams {
            stream.write_all(b"g").expect("a write");
        }
        self.served.wait();
        self.client.wait();
        self.sum.load(Ordering::Relaxed)
    }
}

fn echo(connections: u64, n: u64) -> Vec<Figure> {
    let server = Server::start(connections, n);
    let meter = Meter::start();
    let sum = server.finish();
    let figures = meter.stop().per(n, "op");
    assert_eq!(sum, n * crate::load::MESSAGE as u64);
    figures.into()
}

fn waiting(n: u64) -> Vec<Figure> {
    let server = Server::start(n, 0);
    gaggle::time::sleep(std::time::Duration::from_millis(100)); // the last ones come to their reads
    let bytes = resident().saturating_sub(server.before) as f64 / n as f64;
    assert_eq!(server.finish(), 0);
    vec![Figure::new("resident", Unit::Bytes, bytes)]
}
