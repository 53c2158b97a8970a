//! Futures that wait for a socket beside others: beside who blocks, and beside each other (SEMANTICS U2, U3, U4).
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{a_moment, everywhere};
use futures_io::AsyncRead;
use gaggle_net::{TcpListener, TcpStream, block_on, is_closed, is_timeout};
use std::future::{Future, poll_fn};
use std::io::{Read, Result, Write};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

mod common;

fn pair() -> (TcpStream, Arc<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, Arc::new(listener.accept().unwrap().0))
}

async fn read(mut stream: &TcpStream, room: usize) -> Result<usize> {
    let mut buf = vec![0; room];
    poll_fn(|cx| Pin::new(&mut stream).poll_read(cx, &mut buf)).await
}

/// A waker that is not `block_on`'s.
struct Foreign(Waker);

impl Wake for Foreign {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

async fn with_foreign_waker<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let waker = Waker::from(Arc::new(Foreign(cx.waker().clone())));
        future.as_mut().poll(&mut Context::from_waker(&waker))
    })
    .await
}

/// Begins to read and gives up.
async fn tries(stream: &TcpStream) {
    let mut once = pin!(read(stream, 4));
    poll_fn(|cx| {
        assert!(once.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// U3: whoever waits on behalf of a future makes way, so the limit of a call is kept.
#[test]
fn a_limit_is_kept_behind_a_future_that_gave_up() {
    everywhere(|side| {
        let (_client, server) = pair();
        block_on(with_foreign_waker(tries(&server)));
        a_moment();
        server.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
        for _ in 0..3 {
            let theirs = Arc::clone(&server);
            let reads = side.go(move || (&*theirs).read(&mut [0; 4]));
            assert!(is_timeout(&reads.join_soon().unwrap_err()));
        }
    });
}

/// Who makes way comes back: what a call that blocks has left is for the future.
#[test]
fn a_future_reads_what_a_blocking_read_has_left() {
    everywhere(|side| {
        let (mut client, server) = pair();
        let (waits, blocks) = (Arc::clone(&server), Arc::clone(&server));
        let future = side.go(move || block_on(with_foreign_waker(read(&waits, 4))));
        a_moment();
        let blocking = side.go(move || (&*blocks).read(&mut [0; 4]));
        a_moment();
        client.write_all(b"12345678").unwrap();
        assert_eq!(blocking.join_soon().unwrap(), 4);
        assert_eq!(future.join_soon().unwrap(), 4);
    });
}

/// Reads a byte in a future with each of these.
const READS: [fn(&TcpStream) -> Result<usize>; 2] =
    [|stream| block_on(read(stream, 1)), |stream| block_on(with_foreign_waker(read(stream, 1)))];

/// U4: all that wait.
#[test]
fn closing_wakes_all_futures_that_read() {
    everywhere(|side| {
        for kinds in [[0, 0, 0], [1, 1, 1], [0, 1, 0]] {
            let (_client, server) = pair();
            let begin = |kind: usize| {
                let theirs = Arc::clone(&server);
                side.go(move || READS[kind](&theirs).unwrap_err())
            };
            let reads = kinds.map(begin);
            a_moment();
            server.close().unwrap();
            for read in reads {
                assert!(is_closed(&read.join_soon()));
            }
        }
    });
}

#[test]
fn each_future_that_reads_has_its_byte() {
    everywhere(|side| {
        for kinds in [[0, 0, 0], [1, 1, 1], [0, 1, 0]] {
            let (mut client, server) = pair();
            let begin = |kind: usize| {
                let theirs = Arc::clone(&server);
                side.go(move || READS[kind](&theirs).unwrap())
            };
            let reads = kinds.map(begin);
            for _ in &reads {
                a_moment();
                client.write_all(b"!").unwrap();
            }
            assert_eq!(reads.map(common::Beside::join_soon), [1; 3]);
        }
    });
}

/// U3: all that wait.
#[test]
fn a_deadline_ends_all_futures_that_read() {
    everywhere(|side| {
        for kinds in [[0, 0, 0], [1, 1, 1], [0, 1, 0]] {
            let (_client, server) = pair();
            let begin = |kind: usize| {
                let theirs = Arc::clone(&server);
                side.go(move || READS[kind](&theirs).unwrap_err())
            };
            let reads = kinds.map(begin);
            a_moment();
            server.set_read_deadline(Some(Instant::now() + Duration::from_millis(1))).unwrap();
            for read in reads {
                assert!(is_timeout(&read.join_soon()));
            }
        }
    });
}
