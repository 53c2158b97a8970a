//! Futures on goroutines and on plain threads: `block_on`, its wakers and anybody else's.

use common::everywhere;
use futures_io::{AsyncRead, AsyncWrite};
use gaggle_net::{TcpListener, TcpStream, UnixStream, block_on, is_closed, is_timeout};
use std::future::{Future, poll_fn};
use std::io::{Read, Result, Write};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

mod common;

async fn read(mut stream: &TcpStream, buf: &mut [u8]) -> Result<usize> {
    poll_fn(|cx| Pin::new(&mut stream).poll_read(cx, buf)).await
}

async fn write_all(mut stream: &TcpStream, mut buf: &[u8]) -> Result<()> {
    while !buf.is_empty() {
        let count = poll_fn(|cx| Pin::new(&mut stream).poll_write(cx, buf)).await?;
        buf = &buf[count..];
    }
    Ok(())
}

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

async fn echo(stream: TcpStream) {
    let mut buf = [0; 512];
    while let Ok(count @ 1..) = read(&stream, &mut buf).await {
        write_all(&stream, &buf[..count]).await.unwrap();
    }
}

#[test]
fn a_future_reads_and_writes_with_a_blocking_peer() {
    everywhere(|side| {
        let (client, server) = pair();
        let echo = side.go(move || block_on(echo(server)));
        for i in 0..100_u8 {
            (&client).write_all(&[i, 1, 2]).unwrap();
            let mut word = [0; 3];
            (&client).read_exact(&mut word).unwrap();
            assert_eq!(word, [i, 1, 2]);
        }
        drop(client);
        echo.join();
    });
}

/// Calls the waker inside it, and counts.
struct Counts(Waker, AtomicUsize);

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.wake_by_ref();
    }
}

/// Runs both; each is polled only when its own waker was called.
async fn both(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let mut wakers: [Option<Arc<Counts>>; 2] = [None, None];
    let mut seen = [usize::MAX; 2];
    let mut done = [false; 2];
    poll_fn(move |cx| {
        for i in 0..2 {
            let waker = wakers[i]
                .get_or_insert_with(|| Arc::new(Counts(cx.waker().clone(), AtomicUsize::new(0))));
            let count = waker.1.load(Ordering::Relaxed);
            if done[i] || seen[i] == count {
                continue;
            }
            seen[i] = count;
            let own = Waker::from(Arc::clone(waker));
            let mut cx = Context::from_waker(&own);
            let polled = if i == 0 { a.as_mut().poll(&mut cx) } else { b.as_mut().poll(&mut cx) };
            done[i] = polled.is_ready();
        }
        if done == [true, true] { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[test]
fn futures_with_wakers_of_their_own_run_side_by_side() {
    everywhere(|side| {
        let ((a, b), (c, d)) = (pair(), pair());
        let echoes = side.go(move || block_on(both(echo(b), echo(d))));
        for i in 0..40_u8 {
            for client in [&a, &c] {
                let mut client = client;
                client.write_all(&[i]).unwrap();
                let mut byte = [0];
                client.read_exact(&mut byte).unwrap();
                assert_eq!(byte, [i]);
            }
        }
        drop((a, c));
        echoes.join();
    });
}

#[test]
fn closing_wakes_a_future_that_reads() {
    everywhere(|side| {
        let (client, server) = pair();
        let server = Arc::new(server);
        let theirs = Arc::clone(&server);
        let reads = side.go(move || block_on(read(&theirs, &mut [0])).unwrap_err());
        common::a_moment();
        server.close().unwrap();
        assert!(is_closed(&reads.join()));
        drop(client);
    });
}

/// SEMANTICS U3: a deadline that is ahead ends a future that waits, whether it was set before or meanwhile.
#[test]
fn a_deadline_ends_a_future_that_reads() {
    everywhere(|side| {
        let (_client, server) = pair();
        let soon = || Some(Instant::now() + Duration::from_millis(5));
        server.set_read_deadline(soon()).unwrap();
        assert!(is_timeout(&block_on(read(&server, &mut [0])).unwrap_err()));
        server.set_read_deadline(None).unwrap();
        let server = Arc::new(server);
        let theirs = Arc::clone(&server);
        let reads = side.go(move || block_on(read(&theirs, &mut [0])).unwrap_err());
        common::a_moment();
        server.set_read_deadline(soon()).unwrap();
        assert!(is_timeout(&reads.join()));
    });
}

/// As tokio's: that the other side was faster is no failure of who ends.
#[test]
fn a_connection_that_was_reset_is_ended_without_an_error() {
    everywhere(|_| {
        let (client, mut server) = pair();
        client.set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        assert!(server.read(&mut [0]).is_err());
        block_on(poll_fn(|cx| Pin::new(&mut &server).poll_close(cx))).unwrap();
    });
}

/// A future that was dropped while it listened does not stand in the way of who reads then.
#[test]
fn a_blocking_read_comes_after_a_future_that_gave_up() {
    everywhere(|side| {
        let (client, server) = pair();
        block_on(async {
            let mut buf = [0];
            let mut once = pin!(read(&server, &mut buf));
            poll_fn(|cx| {
                assert!(once.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
        });
        let reads = side.go(move || {
            let mut byte = [0];
            (&server).read_exact(&mut byte).unwrap();
            byte[0]
        });
        common::a_moment();
        (&client).write_all(&[9, 9]).unwrap();
        assert_eq!(reads.join(), 9);
    });
}

/// Whoever waits on behalf of a future that is gone keeps nothing open.
#[test]
fn a_future_that_gave_up_leaves_nothing_open() {
    everywhere(|_| {
        let (mut client, server) = pair();
        let waker = Waker::from(Arc::new(Counts(Waker::noop().clone(), AtomicUsize::new(0))));
        let mut buf = [0];
        for waker in [&waker, Waker::noop()] {
            let mut once = pin!(read(&server, &mut buf));
            assert!(once.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
        }
        drop(server);
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
    });
}

#[test]
fn a_waker_is_called_on_a_foreign_thread() {
    everywhere(|_| {
        for _ in 0..50 {
            let mut started = false;
            block_on(poll_fn(|cx| {
                if std::mem::replace(&mut started, true) {
                    return Poll::Ready(());
                }
                let waker = cx.waker().clone();
                std::thread::spawn(move || waker.wake());
                Poll::Pending
            }));
        }
    });
}

#[test]
fn a_unix_stream_is_polled_too() {
    everywhere(|_| {
        let (mut a, b) = UnixStream::pair().unwrap();
        (&b).write_all(b"!").unwrap();
        let mut byte = [0];
        let count = block_on(poll_fn(|cx| Pin::new(&mut a).poll_read(cx, &mut byte))).unwrap();
        assert_eq!((count, byte), (1, [b'!']));
    });
}
