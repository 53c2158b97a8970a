//! Futures that wait for a socket beside others: beside who blocks, and beside each other (SEMANTICS U2, U3, U4).
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::future::{read_some, with_foreign_waker};
use common::{Beside, Side, a_moment, everywhere};
use gaggle_net::{TcpListener, TcpStream, block_on, is_closed, is_timeout};
use std::future::{Future, poll_fn};
use std::io::{Read, Result, Write};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

mod common;

fn pair() -> (TcpStream, Arc<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, Arc::new(listener.accept().unwrap().0))
}

/// Begins to read and gives up.
async fn tries(stream: &TcpStream) {
    let mut once = pin!(read_some(stream, 4));
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
        let future = side.go(move || block_on(with_foreign_waker(read_some(&waits, 4))));
        a_moment();
        let blocking = side.go(move || (&*blocks).read(&mut [0; 4]));
        a_moment();
        client.write_all(b"12345678").unwrap();
        assert_eq!(blocking.join_soon().unwrap(), 4);
        assert_eq!(future.join_soon().unwrap(), 4);
    });
}

/// Reads a byte in a future with each of these.
const READS: [fn(&TcpStream) -> Result<usize>; 2] = [
    |stream| block_on(read_some(stream, 1)),
    |stream| block_on(with_foreign_waker(read_some(stream, 1))),
];

/// Three that wait, each of its kind.
fn begin(side: Side, server: &Arc<TcpStream>, kinds: [usize; 3]) -> [Beside<Result<usize>>; 3] {
    kinds.map(|kind| {
        let theirs = Arc::clone(server);
        side.go(move || READS[kind](&theirs))
    })
}

/// U4: all that wait.
#[test]
fn closing_wakes_all_futures_that_read() {
    everywhere(|side| {
        for kinds in [[0, 0, 0], [1, 1, 1], [0, 1, 0]] {
            let (_client, server) = pair();
            let reads = begin(side, &server, kinds);
            a_moment();
            server.close().unwrap();
            for read in reads {
                assert!(is_closed(&read.join_soon().unwrap_err()));
            }
        }
    });
}

#[test]
fn each_future_that_reads_has_its_byte() {
    everywhere(|side| {
        for kinds in [[0, 0, 0], [1, 1, 1], [0, 1, 0]] {
            let (mut client, server) = pair();
            let reads = begin(side, &server, kinds);
            for _ in &reads {
                a_moment();
                client.write_all(b"!").unwrap();
            }
            assert_eq!(reads.map(|read| read.join_soon().unwrap()), [1; 3]);
        }
    });
}

/// U3: all that wait.
#[test]
fn a_deadline_ends_all_futures_that_read() {
    everywhere(|side| {
        for kinds in [[0, 0, 0], [1, 1, 1], [0, 1, 0]] {
            let (_client, server) = pair();
            let reads = begin(side, &server, kinds);
            a_moment();
            server.set_read_deadline(Some(Instant::now() + Duration::from_millis(1))).unwrap();
            for read in reads {
                assert!(is_timeout(&read.join_soon().unwrap_err()));
            }
        }
    });
}

/// Futures that gave up are woken now and then as those that wait, and stand there no more.
#[test]
fn futures_that_gave_up_are_not_kept() {
    struct Idle;
    impl Wake for Idle {
        fn wake(self: Arc<Self>) {}
    }
    everywhere(|_| {
        let (_client, server) = pair();
        let polls = |_| {
            let idle = Arc::new(Idle);
            let waker = Waker::from(Arc::clone(&idle));
            let mut once = pin!(read_some(&server, 4));
            assert!(once.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            Arc::downgrade(&idle)
        };
        let mut all = Vec::new();
        for _ in 0..40 {
            all.extend((0..100).map(polls));
            a_moment();
        }
        let kept = all.iter().filter(|idle| idle.strong_count() > 0).count();
        assert!(kept < all.len() / 2, "{kept} of {}", all.len());
    });
}

/// A plain thread that is blocked on a future until this is over; its waker.
fn thread_that_waits(over: &Arc<AtomicBool>) -> (JoinHandle<()>, Waker) {
    let (over, (send, waker)) = (Arc::clone(over), mpsc::channel());
    let waits = std::thread::spawn(move || {
        block_on(poll_fn(|cx| {
            let _ = send.send(cx.waker().clone());
            if over.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
        }));
    });
    let waker = waker.recv().unwrap();
    a_moment();
    (waits, waker)
}

/// The task of a future that gave up was given to the next one, and its event came then: the scheduler took a thread for
/// a goroutine.
#[test]
fn an_event_that_comes_late_is_for_no_thread() {
    everywhere(|_| {
        let (mut client, server) = pair();
        block_on(tries(&server));
        let over = Arc::default();
        let (waits, waker) = thread_that_waits(&over);
        client.write_all(b"late").unwrap();
        a_moment();
        over.store(true, Ordering::Release);
        waker.wake();
        waits.join().unwrap();
    });
}

/// A goroutine may poll on behalf of a thread.
#[test]
fn a_thread_is_woken_by_what_a_goroutine_has_polled() {
    everywhere(|_| {
        let (mut client, server) = pair();
        let over = Arc::default();
        let (waits, waker) = thread_that_waits(&over);
        let mut once = pin!(read_some(&server, 4));
        assert!(once.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        over.store(true, Ordering::Release);
        client.write_all(b"here").unwrap();
        waits.join().unwrap();
    });
}
