//! What a connection costs its server: processor time of an exchange, memory of one that waits.

mod http;
pub(crate) mod kv;

use super::memory::resident;
use super::{Shape, Weight, Work};
use crate::figures::{Figure, Unit};
use crate::load::{Client, MESSAGE};
use crate::meter::Meter;
use gaggle::net::{TcpListener, TcpStream};
use gaggle::sync::WaitGroup;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(feature = "tokio")]
pub(crate) use http::hello;

const fn shape(
    name: &'static str,
    about: &'static str,
    n: u64,
    work: fn(u64) -> Vec<Figure>,
) -> Shape {
    Shape { name, about, n, weight: Weight::Light, work: Work::Own(work) }
}

/// So few operations that a row of three sides has several rounds in its time: a run by itself may be off by a fifth.
pub(super) static SHAPES: [Shape; 9] = [
    shape(
        "echo_1",
        "64 bytes to a client in another process and back: one connection",
        25_000,
        |n| echo(1, n),
    ),
    shape("echo_50", "the same over 50 connections", 80_000, |n| echo(50, n)),
    shape("echo_1000", "the same over 1000 connections", 80_000, |n| echo(1000, n)),
    shape("http_64", "a request of HTTP/1.1 over one of 64 connections", 60_000, |n| {
        serve("http", 64, n, n, http::serve)
    }),
    shape("http_1000", "the same over 1000 connections", 60_000, |n| {
        serve("http", 1000, n, n, http::serve)
    }),
    shape("kv_50", "a command of Redis' protocol over one of 50 connections", 80_000, |n| {
        serve("kv1", 50, n, n, kv::server())
    }),
    shape("kv_50_by_16", "the same, 16 commands at once", 1_600_000, |n| {
        serve("kv16", 50, n.div_ceil(16), n, kv::server())
    }),
    shape("connections", "a connection whose goroutine waits for its client: memory", 5000, |n| {
        waiting(n, 0)
    }),
    shape("connections_used", "the same after one exchange on each", 5000, |n| waiting(n, 1)),
];

/// What a goroutine reads into.
pub(crate) const BUFFER: usize = 1024;

/// As many descriptors as we may have.
pub(crate) fn raise_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place for the answer.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: the limits live across the call.
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
}

/// The figures of `n` operations between the beginning of a client that is ready and its end.
pub(crate) fn measured(mut client: Client, n: u64) -> Vec<Figure> {
    client.ready();
    let meter = Meter::start();
    let slow = client.finish();
    let mut figures = Vec::from(meter.stop().per(n, "op"));
    figures.push(Figure::new("p99", Unit::Nanos, slow as f64));
    figures
}

/// A goroutine for each of `connections`, on which `exchanges` are made, which are `n` operations.
fn serve(
    talk: &str,
    connections: u64,
    exchanges: u64,
    n: u64,
    serve: impl Fn(TcpStream) + Send + Sync + 'static,
) -> Vec<Figure> {
    raise_limit();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address").to_string();
    let client = Client::start(talk, &addr, connections, exchanges);
    let (serve, served) = (Arc::new(serve), WaitGroup::new());
    for _ in 0..connections {
        let (stream, _) = listener.accept().expect("a connection");
        stream.set_nodelay(true).expect("a setting");
        let serve = Arc::clone(&serve);
        served.go(move || serve(stream));
    }
    let figures = measured(client, n);
    served.wait();
    figures
}

/// Sends back what comes; how many bytes that was.
fn send_back(mut stream: TcpStream) -> u64 {
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

pub(super) fn echo(connections: u64, n: u64) -> Vec<Figure> {
    let sum = Arc::new(AtomicU64::new(0));
    let all = Arc::clone(&sum);
    let figures = serve("echo", connections, n, n, move |stream| {
        all.fetch_add(send_back(stream), Ordering::Relaxed); // Relaxed: a sum, read after the wait
    });
    let first = connections.min(n); // each connection has made one exchange before
    assert_eq!(sum.load(Ordering::Relaxed), (n + first) * MESSAGE as u64); // Relaxed: as above
    figures
}

/// `n` connections, each of which has made `exchanges` before.
fn waiting(n: u64, exchanges: u64) -> Vec<Figure> {
    raise_limit();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let addr = listener.local_addr().expect("its address").to_string();
    let before = resident();
    let mut client = Client::start("echo", &addr, n, n * exchanges);
    let served = WaitGroup::new();
    for _ in 0..n {
        let (stream, _) = listener.accept().expect("a connection");
        let all = 2 * exchanges * MESSAGE as u64; // the client makes as many again at its end
        served.go(move || assert_eq!(send_back(stream), all));
    }
    client.ready();
    gaggle::time::sleep(std::time::Duration::from_millis(100)); // the last ones come to their reads
    let bytes = resident().saturating_sub(before) as f64 / n as f64;
    client.finish();
    served.wait();
    vec![Figure::new("resident", Unit::Bytes, bytes)]
}
