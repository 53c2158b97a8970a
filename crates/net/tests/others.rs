//! UDP, Unix sockets, pipes, children.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{a_moment, everywhere};
use gaggle_net::{File, UdpSocket, UnixDatagram, UnixListener, UnixStream, pipe};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

mod common;

#[test]
fn datagrams_go_to_and_fro() {
    everywhere(|side| {
        let server = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let addr = server.local_addr().unwrap();
        let echo = side.go(move || {
            let mut buf = [0; 64];
            for _ in 0..100 {
                let (count, from) = server.recv_from(&mut buf).unwrap();
                server.send_to(&buf[..count], from).unwrap();
            }
        });
        let client = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        client.connect(addr).unwrap();
        for i in 0..100_u8 {
            assert_eq!(client.send(&[i, i]).unwrap(), 2);
            let mut buf = [0; 64];
            assert_eq!(client.peek(&mut buf).unwrap(), 2);
            assert_eq!(client.recv(&mut buf).unwrap(), 2);
            assert_eq!(buf[..2], [i, i]);
        }
        echo.join();
        let (a, b) =
            (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        a.send_to(&[], b.local_addr().unwrap()).unwrap();
        assert_eq!(
            b.recv_from(&mut []).unwrap(),
            (0, a.local_addr().unwrap()),
            "an empty one is one"
        );
    });
}

#[test]
fn sockets_of_this_machine_connect_by_path() {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    everywhere(|side| {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = |kind| {
            std::env::temp_dir().join(format!("gaggle-{kind}-{}-{number}", std::process::id()))
        };
        let listener = UnixListener::bind(path("stream")).unwrap();
        let server = side.go(move || {
            for stream in listener.incoming().take(3) {
                let mut stream = stream.unwrap();
                let mut word = [0; 4];
                stream.read_exact(&mut word).unwrap();
                stream.write_all(&word).unwrap();
            }
        });
        for _ in 0..3 {
            let mut client = UnixStream::connect(path("stream")).unwrap();
            client.write_all(b"word").unwrap();
            let mut word = [0; 4];
            client.read_exact(&mut word).unwrap();
            assert_eq!(&word, b"word");
        }
        server.join();
        let (a, b) = (UnixDatagram::bind(path("a")).unwrap(), UnixDatagram::unbound().unwrap());
        assert_eq!(b.send_to(b"hello", path("a")).unwrap(), 5);
        let (count, from) = a.recv_from(&mut [0; 9]).unwrap();
        assert!(count == 5 && from.is_unnamed());
        for kind in ["stream", "a"] {
            std::fs::remove_file(path(kind)).unwrap();
        }
        let gone = UnixStream::connect(path("stream")).unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::NotFound);
    });
}

/// TestPipeEOF, TestEPIPE.
#[test]
fn a_pipe_ends_for_both_sides() {
    everywhere(|side| {
        let (mut reader, writer) = pipe().unwrap();
        let writes = side.go(move || (&writer).write_all(&[5; 200_000]));
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all.len(), 200_000);
        writes.join().unwrap();
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        assert_eq!((&writer).write(&[1]).unwrap_err().kind(), ErrorKind::BrokenPipe);
    });
}

#[test]
fn a_child_is_talked_to_through_its_pipes() {
    everywhere(|side| {
        let mut child =
            Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut to = File::from(child.stdin.take().unwrap());
        let mut from = File::from(child.stdout.take().unwrap());
        let writes = side.go(move || {
            for i in 0..50 {
                writeln!(to, "line {i}").unwrap();
            }
        });
        let mut all = String::new();
        from.read_to_string(&mut all).unwrap();
        assert_eq!(all.lines().count(), 50);
        writes.join();
        gaggle_sched::syscall(|| child.wait()).unwrap();
    });
}

#[test]
fn an_ordinary_file_is_read_and_written() {
    everywhere(|_| {
        let mut text = String::new();
        File::from(std::fs::File::open("/etc/passwd").unwrap()).read_to_string(&mut text).unwrap();
        assert_eq!(text, std::fs::read_to_string("/etc/passwd").unwrap());
    });
}

/// As std's: what is queued comes first, then there is nothing more, for who waits already, too.
#[test]
fn who_receives_datagrams_ends_when_reading_is_shut_down() {
    everywhere(|side| {
        let (a, b) = UnixDatagram::pair().unwrap();
        a.send(b"last").unwrap();
        b.shutdown(Shutdown::Read).unwrap();
        assert_eq!(b.recv(&mut [0; 9]).unwrap(), 4);
        assert_eq!((b.recv(&mut [0; 9]).unwrap(), b.peek(&mut [0; 9]).unwrap()), (0, 0));
        let (count, from) = b.recv_from(&mut [0; 9]).unwrap();
        assert!(count == 0 && from.is_unnamed());
        b.set_nonblocking(true).unwrap();
        assert_eq!(b.recv(&mut [0; 9]).unwrap_err().kind(), ErrorKind::WouldBlock);

        for how in [Shutdown::Read, Shutdown::Both] {
            let (_a, b) = UnixDatagram::pair().unwrap();
            let theirs = b.try_clone().unwrap();
            let reader = side.go(move || theirs.recv(&mut [0; 9]).unwrap());
            a_moment();
            b.shutdown(how).unwrap();
            assert_eq!((reader.join(), b.recv(&mut [0; 9]).unwrap()), (0, 0));
        }
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.connect(udp.local_addr().unwrap()).unwrap();
        // SAFETY: takes two numbers.
        assert_eq!(unsafe { libc::shutdown(udp.as_raw_fd(), libc::SHUT_RD) }, 0);
        assert_eq!(udp.recv(&mut [0; 9]).unwrap(), 0);
    });
}
