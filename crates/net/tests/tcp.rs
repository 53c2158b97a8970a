//! TCP, on plain threads and on goroutines.

use common::{Side, a_moment, everywhere};
use gaggle_net::{TcpListener, TcpStream, is_timeout};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::time::Duration;

mod common;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, from) = listener.accept().unwrap();
    assert_eq!(from, client.local_addr().unwrap());
    (client, server)
}

fn echo(mut stream: TcpStream) {
    let mut buf = [0; 1000];
    while let Ok(count @ 1..) = stream.read(&mut buf) {
        stream.write_all(&buf[..count]).unwrap();
    }
}

#[test]
fn many_connections_echo_at_once() {
    everywhere(|side| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let server = side.go(move || {
            let echoes: Vec<_> = listener
                .incoming()
                .take(20)
                .map(|stream| side.go(move || echo(stream.unwrap())))
                .collect();
            echoes.into_iter().for_each(|it| it.join());
        });
        let clients: Vec<_> = (0..20_u8)
            .map(|client| {
                side.go(move || {
                    let mut stream = TcpStream::connect(addr).unwrap();
                    for round in 0..50 {
                        let sent = [client, round, 3];
                        stream.write_all(&sent).unwrap();
                        let mut got = [0; 3];
                        stream.read_exact(&mut got).unwrap();
                        assert_eq!(got, sent);
                    }
                })
            })
            .collect();
        clients.into_iter().for_each(|it| it.join());
        server.join();
    });
}

/// U9: what was sent before the end is read, then the end, again and again.
#[test]
fn a_half_closed_connection_is_drained_and_answers() {
    everywhere(|side| {
        let (client, mut server) = pair();
        let answers = side.go(move || {
            let mut all = Vec::new();
            server.read_to_end(&mut all).unwrap();
            assert_eq!(server.read(&mut [0]).unwrap(), 0);
            server.write_all(&all).unwrap();
        });
        (&client).write_all(b"the whole question").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        (&client).read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "the whole question");
        answers.join();
    });
}

/// The end comes together with the last bytes, and after a short read that took them all.
#[test]
fn the_end_is_seen_after_a_short_read() {
    everywhere(|side| {
        for round in 0..200 {
            let (client, mut server) = pair();
            let reader = side.go(move || {
                let mut buf = [0; 100];
                let mut count = 0;
                loop {
                    match server.read(&mut buf).unwrap() {
                        0 => return count,
                        n => count += n,
                    }
                }
            });
            (&client).write_all(b"12345").unwrap();
            if round % 3 == 0 {
                a_moment();
            }
            drop(client);
            assert_eq!(reader.join(), 5);
        }
    });
}

#[test]
fn bytes_come_one_by_one_and_in_many_buffers() {
    everywhere(|side| {
        let (client, server) = pair();
        let writer = side.go(move || {
            for byte in 0..200 {
                assert_eq!((&client).write(&[byte]).unwrap(), 1);
            }
            let bufs = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
            assert_eq!((&client).write_vectored(&bufs).unwrap(), 5);
            client
        });
        let mut bytes = [0; 200];
        (&server).read_exact(&mut bytes).unwrap();
        assert!(bytes.iter().enumerate().all(|(i, &byte)| i == usize::from(byte)));
        let client = writer.join();
        let (mut a, mut b) = ([0; 2], [0; 9]);
        let mut count = 0;
        while count < 5 {
            assert!(count == 0 || count >= 2, "the rest goes to the second");
            let room = if count == 0 { &mut a[..] } else { &mut [] };
            let mut bufs = [IoSliceMut::new(room), IoSliceMut::new(&mut b[count.max(2) - 2..])];
            count += (&server).read_vectored(&mut bufs).unwrap();
        }
        assert_eq!((&a, &b[..3]), (b"ab", &b"cde"[..]));
        drop(client);
    });
}

/// SEMANTICS U9; TestZeroByteRead.
#[test]
fn peeking_takes_nothing_and_reading_nothing_waits_for_nothing() {
    everywhere(|_| {
        let (client, mut server) = pair();
        assert_eq!(server.read(&mut []).unwrap(), 0);
        (&client).write_all(b"xy").unwrap();
        let mut buf = [0; 2];
        while server.peek(&mut buf).unwrap() < 2 {}
        assert_eq!(&buf, b"xy");
        server.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"xy");
    });
}

#[test]
fn a_writer_waits_for_a_slow_reader_and_loses_nothing() {
    everywhere(|side| {
        let (client, mut server) = pair();
        const SIZE: usize = 3_000_000;
        let writer = side.go(move || {
            let all: Vec<u8> = (0..SIZE).map(|i| (i % 251) as u8).collect();
            (&client).write_all(&all).unwrap();
        });
        a_moment();
        let mut all = Vec::new();
        server.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), SIZE);
        assert!(all.iter().enumerate().all(|(i, &byte)| byte == (i % 251) as u8));
        writer.join();
    });
}

#[test]
fn a_client_that_never_reads_is_given_up() {
    everywhere(|_| {
        let (client, mut server) = pair();
        server.set_write_timeout(Some(Duration::from_millis(10))).unwrap();
        let chunk = [0; 65536];
        let error = loop {
            if let Err(error) = server.write_all(&chunk) {
                break error;
            }
        };
        assert!(is_timeout(&error), "{error}");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        drop(client);
    });
}

#[test]
fn a_reset_ends_whoever_reads() {
    everywhere(|side| {
        let (client, mut server) = pair();
        let reader = side.go(move || server.read(&mut [0]).unwrap_err().kind());
        a_moment();
        client.set_linger(Some(Duration::ZERO)).unwrap();
        drop(client);
        assert_eq!(reader.join(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn the_halves_work_apart_and_the_writing_one_ends_its_direction() {
    everywhere(|side| {
        let (client, server) = pair();
        let echo = side.go(move || echo(server));
        let (mut reader, mut writer) = client.into_split();
        let reads = side.go(move || {
            let mut all = String::new();
            reader.read_to_string(&mut all).unwrap();
            all
        });
        writer.write_all(b"one way").unwrap();
        writer.write_all(b" and back").unwrap();
        drop(writer);
        assert_eq!(reads.join(), "one way and back");
        echo.join();
    });
}

#[test]
fn nobody_listens_there() {
    everywhere(|_| {
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = TcpStream::connect(gone).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let error = TcpStream::connect_timeout(&gone, Duration::from_secs(5)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let zero = TcpStream::connect_timeout(&gone, Duration::ZERO).unwrap_err();
        assert_eq!(zero.kind(), ErrorKind::InvalidInput);
    });
}

/// A listener whose queue is full answers nobody.
#[test]
fn connecting_ends_with_its_time_or_with_its_context() {
    everywhere(|side| {
        let config = gaggle_net::ListenConfig::new().backlog(1);
        let listener = config.listen_tcp("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        let error = loop {
            assert!(waiting.len() < 20, "the queue has no end");
            match TcpStream::connect_timeout(&addr, Duration::from_millis(100)) {
                Ok(stream) => waiting.push(stream),
                Err(error) => break error,
            }
        };
        assert!(is_timeout(&error), "{error}");
        let (ctx, cancel) = gaggle_context::with_cancel(&gaggle_context::background());
        let connects = side.go(move || TcpStream::connect_ctx(&ctx, addr).unwrap_err());
        a_moment();
        cancel.cancel();
        assert_eq!(connects.join().to_string(), "context canceled");
    });
}

#[test]
fn calls_that_may_not_wait_say_so() {
    everywhere(|_| {
        let (client, server) = pair();
        server.set_nonblocking(true).unwrap();
        assert_eq!((&server).read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        server.set_nonblocking(false).unwrap();
        (&client).write_all(b"!").unwrap();
        assert_eq!((&server).read(&mut [0]).unwrap(), 1);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

/// Urgent data splits a read although more has come: the rest is not left behind.
#[test]
fn a_short_read_before_urgent_data_is_not_taken_for_all() {
    everywhere(|side| {
        for _ in 0..20 {
            let (client, mut server) = pair();
            let reader = side.go(move || {
                let mut all = Vec::new();
                let mut buf = [0; 64];
                while all.len() < 8 {
                    let count = server.read(&mut buf).unwrap();
                    all.extend_from_slice(&buf[..count]);
                }
                all
            });
            let socket = socket2::SockRef::from(&client);
            socket.send(b"abc").unwrap();
            socket.send_out_of_band(b"!").unwrap();
            socket.send(b"defgh").unwrap();
            assert_eq!(reader.join(), b"abcdefgh");
        }
    });
}

#[test]
fn two_handles_are_one_connection() {
    everywhere(|side: Side| {
        let (client, server) = pair();
        let clone = server.try_clone().unwrap();
        clone.set_read_timeout(Some(Duration::from_secs(9))).unwrap();
        assert_eq!(server.read_timeout().unwrap(), Some(Duration::from_secs(9)));
        drop(server);
        let echo = side.go(move || echo(clone));
        (&client).write_all(b"still").unwrap();
        let mut word = [0; 5];
        (&client).read_exact(&mut word).unwrap();
        assert_eq!(&word, b"still");
        drop(client);
        echo.join();
    });
}
