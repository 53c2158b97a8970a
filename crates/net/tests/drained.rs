//! A read that took less than there was room for leaves a note; what others do meanwhile does not make the next one sleep on
//! data (SEMANTICS U9: reads drain what there is), and one that has no room sleeps on nothing.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::future::{read_some, with_foreign_waker};
use common::{Side, a_moment, everywhere};
use futures_io::AsyncWrite;
use gaggle_net::{TcpListener, TcpStream, block_on, is_closed};
use std::future::poll_fn;
use std::io::{Read, Result, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

mod common;

/// A client, and a server whose last read has waited and taken less than there was room for.
fn after_a_short_read(side: Side) -> (TcpStream, Arc<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.set_nodelay(true).unwrap();
    let server = Arc::new(listener.accept().unwrap().0);
    assert_eq!(meanwhile(side, &client, &server, b"a", |mut server| server.read(&mut [0; 64])), 1);
    (client, server)
}

/// What `read` returns, which has begun to wait when `bytes` are sent.
fn meanwhile(
    side: Side,
    mut client: &TcpStream,
    server: &Arc<TcpStream>,
    bytes: &[u8],
    read: impl FnOnce(&TcpStream) -> Result<usize> + Send + 'static,
) -> usize {
    let server = Arc::clone(server);
    let reads = side.go(move || read(&server).unwrap());
    a_moment();
    client.write_all(bytes).unwrap();
    reads.join_soon()
}

/// What `read` returns if there is something already.
fn now(
    side: Side,
    server: &Arc<TcpStream>,
    read: impl FnOnce(&TcpStream) -> Result<usize> + Send + 'static,
) -> usize {
    let server = Arc::clone(server);
    side.go(move || read(&server).unwrap()).join_soon()
}

async fn write_nothing(mut stream: &TcpStream) -> Result<usize> {
    poll_fn(|cx| Pin::new(&mut stream).poll_write(cx, &[])).await
}

async fn hyper_read(stream: &mut TcpStream, room: usize) -> Result<usize> {
    let mut room = vec![0; room];
    let mut buf = hyper::rt::ReadBuf::new(&mut room);
    poll_fn(|cx| hyper::rt::Read::poll_read(Pin::new(stream), cx, buf.unfilled())).await?;
    Ok(buf.filled().len())
}

#[test]
fn a_read_finds_what_a_peek_has_waited_for() {
    everywhere(|side| {
        let (client, server) = after_a_short_read(side);
        assert_eq!(meanwhile(side, &client, &server, b"b", |server| server.peek(&mut [0; 64])), 1);
        assert_eq!(now(side, &server, |mut server| server.read(&mut [0; 64])), 1);
    });
}

/// Of eight bytes that come together `first`, which waits for them, takes four, and `then` the others.
fn reads_in_pieces(
    side: Side,
    first: fn(&TcpStream) -> Result<usize>,
    then: fn(&TcpStream) -> Result<usize>,
) {
    let (client, server) = after_a_short_read(side);
    assert_eq!(meanwhile(side, &client, &server, b"12345678", first), 4);
    assert_eq!(now(side, &server, then), 4);
}

#[test]
fn a_future_reads_in_pieces_what_came_together() {
    everywhere(|side| {
        let some = |server: &TcpStream| block_on(read_some(server, 4));
        reads_in_pieces(side, some, some);
    });
}

#[test]
fn a_future_with_a_waker_of_its_own_reads_after_a_short_read() {
    everywhere(|side| {
        let some = |server: &TcpStream| block_on(with_foreign_waker(read_some(server, 4)));
        reads_in_pieces(side, some, some);
    });
}

#[test]
fn a_blocking_read_takes_what_a_future_has_left() {
    everywhere(|side| {
        let some = |server: &TcpStream| block_on(read_some(server, 4));
        reads_in_pieces(side, some, |mut server| server.read(&mut [0; 64]));
    });
}

/// Several reads, each of which waits, if nobody is slow.
fn hyper_reads(side: Side, read: fn(&mut TcpStream) -> Result<usize>, deadline: Option<Instant>) {
    let (mut client, server) = after_a_short_read(side);
    server.set_read_deadline(deadline).unwrap();
    let mut stream = server.try_clone().unwrap();
    let reads = side.go(move || {
        let mut count = 0;
        while count < 3 {
            count += read(&mut stream).unwrap();
        }
    });
    for _ in 0..3 {
        a_moment();
        client.write_all(b"!").unwrap();
    }
    reads.join_soon();
}

#[test]
fn hyper_reads_with_a_waker_of_its_own() {
    everywhere(|side| {
        hyper_reads(side, |stream| block_on(with_foreign_waker(hyper_read(stream, 64))), None);
    });
}

#[test]
fn hyper_reads_with_a_deadline_that_is_far_away() {
    everywhere(|side| {
        let far = Instant::now() + Duration::from_secs(3600);
        hyper_reads(side, |stream| block_on(hyper_read(stream, 64)), Some(far));
    });
}

/// U9: there is nothing to wait for; but closed is closed.
#[test]
fn a_future_that_has_no_room_or_nothing_to_write_returns_at_once() {
    everywhere(|side| {
        let (client, server) = after_a_short_read(side);
        let none = |server: &TcpStream| {
            let count = block_on(read_some(server, 0))?;
            let mut stream = server.try_clone()?;
            let count = count + block_on(hyper_read(&mut stream, 0))?;
            Ok(count + block_on(write_nothing(server))?)
        };
        assert_eq!(now(side, &server, none), 0);
        assert_eq!(
            now(side, &server, move |server| block_on(with_foreign_waker(read_some(server, 0)))),
            0
        );
        server.close().unwrap();
        for error in [none(&server).unwrap_err(), (&*server).read(&mut []).unwrap_err()] {
            assert!(is_closed(&error));
        }
        drop(client);
    });
}
