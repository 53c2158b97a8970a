//! Names to addresses: found as std finds them, and others run meanwhile (Go: `net.LookupHost`).
//!
//! *By The Real Clock*: what resolves blocks its thread.

use common::{everywhere, run, watch};
use gaggle_gopark::{self as gopark, Task};
use gaggle_net::{TcpListener, TcpStream, lookup};
use socket2::{Domain, Socket, Type};
use std::hint::black_box;
use std::io::{Error, ErrorKind, Result};
use std::net::{SocketAddr, ToSocketAddrs};
use std::panic::Location;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::vec;

mod common;

/// A resolver of the program's own.
struct Resolver<F>(F);

impl<F: Fn() -> Result<Vec<SocketAddr>>> ToSocketAddrs for Resolver<F> {
    type Iter = vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> Result<Self::Iter> {
        (self.0)().map(Vec::into_iter)
    }
}

#[test]
fn a_name_has_the_addresses_that_std_finds() {
    if let Err(error) = "localhost:80".to_socket_addrs() {
        println!("left out: this machine does not know localhost: {error}");
        return;
    }
    everywhere(|side| {
        let sorted = |addrs: vec::IntoIter<SocketAddr>| {
            let mut addrs = addrs.collect::<Vec<_>>();
            addrs.sort_unstable();
            addrs
        };
        let wanted = sorted("localhost:80".to_socket_addrs().unwrap());
        assert!(wanted.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 80));
        let found = side.go(move || {
            let ways = [lookup("localhost:80"), lookup(("localhost", 80))];
            ways.map(|found| sorted(found.unwrap()))
        });
        assert_eq!(found.join(), [wanted.clone(), wanted]);

        let listener = TcpListener::bind("localhost:0").unwrap();
        listener.set_deadline(Some(Instant::now() + Duration::from_secs(20))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = side.go(move || TcpStream::connect(("localhost", port)).unwrap());
        let (_server, from) = listener.accept().unwrap();
        assert_eq!(client.join().local_addr().unwrap(), from);
    });
}

#[test]
fn what_is_no_name_is_refused_as_by_std() {
    everywhere(|_| {
        for name in ["localhost", "localhost:http", "localhost:99999", ""] {
            let (ours, stds) = (lookup(name).unwrap_err(), name.to_socket_addrs().unwrap_err());
            assert_eq!((ours.kind(), ours.to_string()), (stds.kind(), stds.to_string()));
        }
    });
}

/// A turn of the resolver's own: it blocks its thread, or it computes.
type Turn = fn();

fn blocks() {
    #[expect(clippy::disallowed_methods, reason = "a resolver that blocks its thread")]
    std::thread::sleep(Duration::from_millis(1));
}

fn computes() {
    (0..1000_u32).for_each(|n| _ = black_box(n));
}

/// SEMANTICS F3.
#[test]
fn others_run_while_a_name_is_looked_up_on_the_only_p() {
    watch();
    for turn in [blocks as Turn, computes] {
        run(move || others_run_during(turn));
    }
}

fn others_run_during(turn: Turn) {
    gaggle_sched::gomaxprocs(1);
    let naps = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&naps);
    let body = move || {
        for _ in 0..5 {
            gaggle_time::sleep(Duration::from_millis(1));
            theirs.fetch_add(1, Ordering::Relaxed); // Relaxed: a number
        }
    };
    gopark::spawn(Task::new(body), Location::caller());
    let answer = SocketAddr::from(([127, 0, 0, 1], 80));
    let resolver = Resolver(|| {
        let begin = Instant::now();
        // Relaxed: a number.
        while naps.load(Ordering::Relaxed) < 5 {
            if begin.elapsed() > Duration::from_secs(20) {
                return Err(Error::new(ErrorKind::TimedOut, "nobody else runs"));
            }
            turn();
        }
        Ok(vec![answer])
    });
    assert_eq!(lookup(resolver).unwrap().collect::<Vec<_>>(), [answer]);
}

/// The call is announced: nobody has to find out that it lasts, which the monitor would do for one that blocks, and a signal for
/// one that computes.
#[test]
fn others_run_though_nobody_stops_who_computes() {
    if std::env::var_os("GAGGLE_DEBUG").is_some() {
        println!("left out: it chooses a mode of its own");
        return;
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "others_run_while_a_name_is_looked_up_on_the_only_p"]);
    let outcome = child.env("GAGGLE_DEBUG", "preempt=off").output().unwrap();
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success() && said.contains("1 passed"), "{outcome:#?}");
}

/// An address at which nobody listens, and nobody else will.
fn nobody() -> (SocketAddr, Socket) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    (socket.local_addr().unwrap().as_socket().unwrap(), socket)
}

/// What fails to be resolved says why; of several addresses each is tried, and the last one's error is told.
#[test]
fn addresses_are_tried_in_the_order_in_which_they_were_found() {
    everywhere(|side| {
        let ((first, _one), (second, _other)) = (nobody(), nobody());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_deadline(Some(Instant::now() + Duration::from_secs(20))).unwrap();
        let there = listener.local_addr().unwrap();
        let client = side.go(move || {
            TcpStream::connect(Resolver(|| Ok(vec![first, second, there, first]))).unwrap()
        });
        let (_server, from) = listener.accept().unwrap();
        let client = client.join();
        assert_eq!((client.local_addr().unwrap(), client.peer_addr().unwrap()), (from, there));

        let refused = TcpStream::connect(Resolver(|| Ok(vec![first, second]))).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        let none = TcpStream::connect(Resolver(|| Ok(Vec::new()))).unwrap_err();
        assert_eq!(none.to_string(), "could not resolve to any addresses");
        let failed = Resolver(|| Err(Error::other("no such word")));
        assert_eq!(TcpListener::bind(failed).unwrap_err().to_string(), "no such word");
    });
}
