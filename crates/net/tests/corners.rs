//! What is seldom asked for: the same answers as std's, and Go's words where std has none.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world: no bubble's clock goes on meanwhile
//! (SEMANTICS W3).

use common::{Side, a_moment, everywhere};
use gaggle_net::{
    TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream, is_closed,
    is_timeout,
};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

mod common;

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

/// SEMANTICS U3: a deadline that is moved or taken away while somebody waits counts for him as it is now.
#[test]
fn a_deadline_is_moved_while_somebody_waits() {
    everywhere(|side: Side| {
        for later in [Some(Duration::from_secs(3600)), None] {
            let (ours, theirs) = pair();
            let reader = ours.try_clone().unwrap();
            ours.set_read_deadline(Some(Instant::now() + Duration::from_millis(200))).unwrap();
            let reads = side.go(move || {
                let mut reader = reader;
                reader.read(&mut [0; 4]).map_err(|error| error.to_string())
            });
            a_moment();
            ours.set_read_deadline(later.map(|later| Instant::now() + later)).unwrap();
            gaggle_time::sleep(Duration::from_millis(250));
            (&theirs).write_all(b"late").unwrap();
            // A machine that stood still for 200 ms is told of the first deadline.
            let read = reads.join();
            assert!(read == Ok(4) || read == Err("i/o timeout".to_owned()), "{read:?}");
            ours.set_deadline(Some(Instant::now())).unwrap();
            assert!(is_timeout(&(&ours).read(&mut [0]).unwrap_err()));
            assert!(is_timeout(&(&ours).write(b"!").unwrap_err()));
            ours.set_deadline(None).unwrap();
            assert_eq!((&ours).write(b"!").unwrap(), 1);
        }
    });
}

#[test]
fn a_datagram_is_cut_to_the_buffer_and_may_be_empty() {
    everywhere(|_| {
        let (a, b) =
            (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let to = b.local_addr().unwrap();
        for text in [&b"too long"[..], b"", b"next"] {
            assert_eq!(a.send_to(text, to).unwrap(), text.len());
        }
        let mut buf = [0; 4];
        assert_eq!(b.peek(&mut buf).unwrap(), 4);
        assert_eq!((b.recv(&mut buf).unwrap(), &buf), (4, b"too ")); // the rest is gone
        assert_eq!(b.recv_from(&mut buf).unwrap(), (0, a.local_addr().unwrap()));
        assert_eq!((b.recv(&mut []).unwrap(), b.set_nonblocking(true).unwrap()), (0, ()));
        assert_eq!(b.recv(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn a_datagram_that_nobody_takes_comes_back_as_an_error() {
    everywhere(|_| {
        let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(nobody).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        socket.send(b"?").unwrap();
        assert_eq!(socket.recv(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(socket.peer_addr().unwrap(), nobody);
    });
}

#[test]
fn errors_are_the_kernels_and_stds() {
    everywhere(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = TcpListener::bind(listener.local_addr().unwrap()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert_eq!(error.to_string(), "Address already in use (os error 98)");
        let long = "x".repeat(200);
        let std = std::os::unix::net::UnixStream::connect(&long).unwrap_err();
        for error in [
            UnixStream::connect(&long).unwrap_err(),
            UnixListener::bind(&long).unwrap_err(),
            UnixDatagram::unbound().unwrap().send_to(b"!", &long).unwrap_err(),
        ] {
            assert_eq!(error.kind(), std.kind(), "{error}");
        }
        let (client, _server) = pair();
        for error in [
            client.set_read_timeout(Some(Duration::ZERO)).unwrap_err(),
            TcpStream::connect_timeout(&listener.local_addr().unwrap(), Duration::ZERO)
                .unwrap_err(),
        ] {
            assert_eq!(error.to_string(), "cannot set a 0 duration timeout");
        }
        assert!(TcpStream::connect("127.0.0.1").is_err()); // no port
        client.close().unwrap();
        assert!(is_closed(&client.close().unwrap_err()));
        assert!(is_closed(&client.local_addr().unwrap_err()));
        assert!(is_closed(&client.set_nodelay(true).unwrap_err()));
        assert!(is_closed(&client.set_deadline(None).unwrap_err()));
        assert!(is_closed(&client.shutdown(Shutdown::Both).unwrap_err()));
        assert!(is_closed(&client.peek(&mut [0]).unwrap_err()));
    });
}

#[test]
fn shutting_down_twice_is_as_in_std() {
    everywhere(|_| {
        let (client, mut server) = pair();
        let (one, other) = pair();
        let (one, _other) = (std::net::TcpStream::from(one), other);
        for how in [Shutdown::Both, Shutdown::Both, Shutdown::Write, Shutdown::Read] {
            let (ours, stds) = (client.shutdown(how), one.shutdown(how));
            assert_eq!(ours.map_err(|error| error.kind()), stds.map_err(|error| error.kind()));
        }
        assert_eq!((&client).read(&mut [0]).unwrap(), 0);
        assert_eq!((&client).write(b"!").unwrap_err().kind(), ErrorKind::BrokenPipe); // no SIGPIPE
        assert_eq!(server.read(&mut [0]).unwrap(), 0);
        assert_eq!(server.read(&mut [0]).unwrap(), 0); // the end stays
    });
}

#[test]
fn settings_are_seen_by_std() {
    everywhere(|_| {
        let (client, server) = pair();
        client.set_nodelay(true).unwrap();
        client.set_ttl(77).unwrap();
        client.set_linger(Some(Duration::from_secs(3))).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        assert!(client.take_error().unwrap().is_none());
        let std = std::net::TcpStream::from(client);
        assert!(std.nodelay().unwrap());
        assert_eq!(
            (std.ttl().unwrap(), std.read_timeout().unwrap()),
            (77, Some(Duration::from_secs(5)))
        );
        std.set_read_timeout(None).unwrap();
        std.set_write_timeout(Some(Duration::from_secs(7))).unwrap();
        let ours = TcpStream::from(std);
        assert_eq!(ours.linger().unwrap(), Some(Duration::from_secs(3)));
        assert_eq!(ours.read_timeout().unwrap(), None);
        assert_eq!(ours.write_timeout().unwrap(), Some(Duration::from_secs(7)));
        ours.set_write_timeout(None).unwrap();
        assert_eq!(std::net::TcpStream::from(ours).write_timeout().unwrap(), None);
        server.set_keepalive(true).unwrap();
    });
}

/// The same by way of a descriptor, as with sockets that another crate has made.
#[test]
fn limits_go_with_a_descriptor() {
    everywhere(|_| {
        let limit = Some(Duration::from_secs(5));
        let (client, _server) = pair();
        client.set_read_timeout(limit).unwrap();
        let std = std::net::TcpStream::from(OwnedFd::from(client));
        assert_eq!(std.read_timeout().unwrap(), limit);
        let file = gaggle_net::File::from(OwnedFd::from(std));
        assert_eq!(file.read_timeout().unwrap(), limit);
        file.set_read_timeout(None).unwrap();
        file.set_write_timeout(limit).unwrap();
        let ours = TcpStream::from(OwnedFd::from(file));
        assert_eq!((ours.read_timeout().unwrap(), ours.write_timeout().unwrap()), (None, limit));
    });
}

/// What is shorter than the kernel can count is not none.
#[test]
fn the_shortest_limit_is_one_for_std_too() {
    everywhere(|_| {
        let (client, _server) = pair();
        client.set_read_timeout(Some(Duration::from_nanos(1))).unwrap();
        client.set_write_timeout(Some(Duration::from_nanos(999))).unwrap();
        let std = std::net::TcpStream::from(client);
        assert!(std.read_timeout().unwrap().is_some());
        assert!(std.write_timeout().unwrap().is_some());
    });
}

#[test]
fn a_loop_over_connections_outlives_what_is_no_end() {
    everywhere(|side: Side| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let closes = listener.try_clone().unwrap();
        listener.set_nonblocking(true).unwrap();
        assert_eq!(listener.incoming().next().unwrap().unwrap_err().kind(), ErrorKind::WouldBlock);
        listener.set_nonblocking(false).unwrap();
        let accepts = side.go(move || {
            listener.set_deadline(Some(Instant::now())).unwrap();
            let (mut timeouts, mut connections) = (0, 0);
            for stream in listener.incoming() {
                match stream {
                    Ok(_) => connections += 1,
                    Err(error) if is_timeout(&error) => timeouts += 1,
                    Err(error) => assert!(is_closed(&error), "{error}"),
                }
                listener
                    .set_deadline(None)
                    .or_else(|error| if is_closed(&error) { Ok(()) } else { Err(error) })
                    .unwrap();
                if connections == 2 {
                    closes.close().unwrap_or(());
                }
            }
            (timeouts, connections)
        });
        let _two = [TcpStream::connect(addr).unwrap(), TcpStream::connect(addr).unwrap()];
        assert_eq!(accepts.join(), (1, 2));
    });
}

#[test]
fn names_without_a_path_are_addresses_too() {
    everywhere(|side: Side| {
        let unique = format!("gaggle-{}-{:?}", std::process::id(), Instant::now());
        let at = |what: &str| SocketAddr::from_abstract_name(format!("{unique}-{what}")).unwrap();
        let listener = UnixListener::bind_addr(&at("stream")).unwrap();
        let accepts = side.go(move || {
            let (mut stream, from) = (&listener)
                .into_iter()
                .next()
                .unwrap()
                .map(|stream| {
                    let from = stream.peer_addr().unwrap();
                    (stream, from)
                })
                .unwrap();
            assert!(from.is_unnamed());
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        });
        UnixStream::connect_addr(&at("stream")).unwrap().write_all(b"hello").unwrap();
        assert_eq!(accepts.join(), "hello");
        let (a, b) = (UnixDatagram::bind_addr(&at("a")).unwrap(), UnixDatagram::unbound().unwrap());
        b.send_to_addr(b"one", &at("a")).unwrap();
        b.connect_addr(&at("a")).unwrap();
        b.send(b"two").unwrap();
        let mut buf = [0; 8];
        let (count, from) = a.recv_from(&mut buf).unwrap();
        assert!(count == 3 && from.is_unnamed());
        assert_eq!(a.recv(&mut buf).unwrap(), 3);
        assert_eq!(&buf[..3], b"two");
    });
}

#[test]
fn version_six_of_the_protocol_is_spoken() {
    everywhere(|side: Side| {
        let Ok(listener) = TcpListener::bind("[::1]:0") else { return }; // not on this machine
        let addr = listener.local_addr().unwrap();
        let accepts = side.go(move || {
            let (mut stream, from) = listener.accept().unwrap();
            assert!(from.is_ipv6());
            stream.write_all(b"six").unwrap();
        });
        let mut text = String::new();
        TcpStream::connect(addr).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "six");
        accepts.join();
        let udp = UdpSocket::bind("[::1]:0").unwrap();
        udp.send_to(b"6", udp.local_addr().unwrap()).unwrap();
        assert_eq!(udp.recv_from(&mut [0; 2]).unwrap(), (1, udp.local_addr().unwrap()));
    });
}

#[test]
fn more_buffers_than_one_call_takes_are_no_error() {
    everywhere(|_| {
        let (mut client, mut server) = pair();
        let bytes = [7_u8; 3000];
        let out: Vec<IoSlice<'_>> = bytes.chunks(1).map(IoSlice::new).collect();
        let sent = client.write_vectored(&out).unwrap();
        assert!(sent >= 1024);
        let mut room = vec![0_u8; 3000];
        let mut into: Vec<IoSliceMut<'_>> = room.chunks_mut(1).map(IoSliceMut::new).collect();
        assert!(server.read_vectored(&mut into).unwrap() > 0);
        assert_eq!(client.write_vectored(&[]).unwrap(), 0);
        assert_eq!(server.read_vectored(&mut []).unwrap(), 0);
        assert_eq!(client.write(&[]).unwrap(), 0);
    });
}

/// Few bytes in several pieces are sent as one.
#[test]
fn pieces_arrive_in_order_whatever_they_are_together() {
    everywhere(|_| {
        let (mut ours, mut theirs) = pair();
        let bytes: Vec<u8> = (0..2000_u32).map(|n| (n % 251) as u8).collect();
        for len in [0, 1, 2, 511, 512, 513, 1024, 2000] {
            let (first, rest) = bytes[..len].split_at(len / 3);
            let (second, third) = rest.split_at(rest.len() / 2);
            let pieces = [first, second, &[], third].map(IoSlice::new);
            assert_eq!(ours.write_vectored(&pieces).unwrap(), len);
            let mut got = vec![0; len];
            theirs.read_exact(&mut got).unwrap();
            assert_eq!(got, bytes[..len]);
        }
        ours.set_nonblocking(true).unwrap();
        let pieces = [&bytes[..200], &bytes[200..400]].map(IoSlice::new);
        let mut sent = 0;
        let error = loop {
            match ours.write_vectored(&pieces) {
                Ok(count) => sent += count,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        drop(ours);
        let mut got = Vec::new();
        theirs.read_to_end(&mut got).unwrap();
        assert_eq!(got.len(), sent);
    });
}

/// TestReadTimeoutMustNotReturn, TestWriteTimeoutMustNotReturn: a deadline that passed, and was taken away.
#[test]
fn a_deadline_that_was_taken_away_ends_nobody() {
    everywhere(|side: Side| {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        while (&ours).write(&[0; 4096]).is_ok() {}
        ours.set_nonblocking(false).unwrap();
        ours.set_deadline(Some(Instant::now())).unwrap();
        assert!(is_timeout(&(&ours).read(&mut [0]).unwrap_err()));
        ours.set_deadline(None).unwrap();
        let returned = Arc::new(AtomicU32::new(0));
        let (reader, writer) = (ours.try_clone().unwrap(), ours);
        let (reads, writes) = (Arc::clone(&returned), Arc::clone(&returned));
        let reads = side.go(move || {
            let count = (&reader).read(&mut [0]).unwrap();
            reads.fetch_add(1, Ordering::Relaxed); // Relaxed: a number
            count
        });
        let writes = side.go(move || {
            let count = (&writer).write(b"!").unwrap();
            writes.fetch_add(1, Ordering::Relaxed); // Relaxed: a number
            count
        });
        gaggle_time::sleep(Duration::from_millis(30));
        assert_eq!(returned.load(Ordering::Relaxed), 0); // Relaxed: nobody has let them return
        theirs.write_all(b"!").unwrap();
        assert_eq!(reads.join(), 1);
        theirs.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        while matches!(theirs.read(&mut [0; 65536]), Ok(1..)) {}
        assert_eq!(writes.join(), 1);
    });
}

/// TestReadNonblockingFd: what has `O_NONBLOCK` from somebody else is waited for all the same, and keeps it.
#[test]
fn a_pipe_that_came_with_the_flag_is_waited_for() {
    everywhere(|side: Side| {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let has_flag = |fd: &dyn AsRawFd| {
            // SAFETY: only asks.
            unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) & libc::O_NONBLOCK != 0 }
        };
        let mut set = 1;
        // SAFETY: a place for a number.
        assert_eq!(unsafe { libc::ioctl(reader.as_raw_fd(), libc::FIONBIO, &raw mut set) }, 0);
        let mut file = gaggle_net::File::from(reader);
        let reads = side.go(move || {
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (text, file)
        });
        a_moment();
        writer.write_all(b"late").unwrap();
        drop(writer);
        let (text, file) = reads.join();
        assert_eq!(text, "late");
        assert!(has_flag(&OwnedFd::from(file)));
    });
}
