//! Closing (SEMANTICS U4, U5; ★36, ★38): it wakes whoever waits, and the number goes with the last use.

use common::{Side, a_moment, everywhere};
use gaggle_net::{File, TcpListener, TcpStream, UdpSocket, UnixStream, is_closed, pipe};
use std::io::{Error, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::Arc;

mod common;

const TEXT: &str = "use of closed network connection";

fn assert_closed(error: &Error, text: &str) {
    assert!(is_closed(error), "{error}");
    assert_eq!(error.to_string(), text);
}

/// TestCloseUnblocksRead, TestCloseRead, TestListenerClose.
#[test]
fn closing_wakes_who_reads_accepts_and_receives() {
    everywhere(|side| {
        for round in 0..30 {
            let listener = Arc::new(TcpListener::bind("127.0.0.1:0").unwrap());
            let stream = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
            let (_server, _) = listener.accept().unwrap();
            let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
            let (a, b, c) = (Arc::clone(&listener), Arc::clone(&stream), Arc::clone(&socket));
            let accepts = side.go(move || a.accept().unwrap_err());
            let reads = side.go(move || (&*b).read(&mut [0]).unwrap_err());
            let receives = side.go(move || c.recv_from(&mut [0]).unwrap_err());
            if round % 2 == 0 {
                a_moment();
            }
            listener.close().unwrap();
            stream.close().unwrap();
            socket.close().unwrap();
            assert_closed(&accepts.join(), TEXT);
            assert_closed(&reads.join(), TEXT);
            assert_closed(&receives.join(), TEXT);
            assert_closed(&listener.close().unwrap_err(), TEXT);
            assert_closed(&(&*stream).write(&[1]).unwrap_err(), TEXT);
            assert_closed(&socket.local_addr().unwrap_err(), TEXT);
        }
    });
}

#[test]
fn closing_wakes_who_writes_and_those_behind_it() {
    everywhere(|side| {
        let (a, _b) = UnixStream::pair().unwrap();
        let a = Arc::new(a);
        let writers: Vec<_> = (0..4)
            .map(|_| {
                let a = Arc::clone(&a);
                side.go(move || {
                    loop {
                        if let Err(error) = (&*a).write(&[0; 4096]) {
                            return error;
                        }
                    }
                })
            })
            .collect();
        a_moment();
        a.close().unwrap();
        for writer in writers {
            assert_closed(&writer.join(), TEXT);
        }
    });
}

/// TestClosedPipeRaceRead, TestClosedPipeRaceWrite, TestCloseWithBlockingReadByNewFile.
#[test]
fn closing_a_pipe_wakes_who_reads_and_who_writes() {
    everywhere(|side| {
        let file = "use of closed file";
        let (reader, writer) = pipe().unwrap();
        let (reader, writer) = (Arc::new(reader), Arc::new(writer));
        let theirs = Arc::clone(&reader);
        let reads = side.go(move || (&*theirs).read(&mut [0]).unwrap_err());
        a_moment();
        reader.close().unwrap();
        assert_closed(&reads.join(), file);
        let (_kept, full) = pipe().unwrap();
        let full = Arc::new(full);
        let theirs = Arc::clone(&full);
        let writes = side.go(move || (&*theirs).write_all(&[0; 1 << 20]).unwrap_err());
        a_moment();
        full.close().unwrap();
        assert_closed(&writes.join(), file);
        drop(writer);
    });
}

/// U5: the peer sees the end as soon as nobody uses it, whatever handles are left.
#[test]
fn closing_ends_the_connection_though_handles_are_left() {
    everywhere(|_| {
        let (a, mut b) = UnixStream::pair().unwrap();
        let clone = a.try_clone().unwrap();
        a.close().unwrap();
        assert_eq!(b.read(&mut [0]).unwrap(), 0);
        assert_closed(&(&clone).read(&mut [0]).unwrap_err(), TEXT);
    });
}

/// A number that was shown is nobody else's while its handle lives.
#[test]
fn a_shown_number_stays_taken_until_its_handle_goes() {
    everywhere(|_| {
        let (a, mut b) = UnixStream::pair().unwrap();
        let number = a.as_fd().as_raw_fd();
        a.close().unwrap();
        assert_eq!(b.read(&mut [0]).unwrap(), 0, "closed all the same");
        assert_eq!(a.as_raw_fd(), number);
        let others: Vec<_> = (0..20).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
        assert!(others.iter().all(|other| other.as_raw_fd() != number));
        // SAFETY: a number.
        assert!(unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0);
    });
}

#[test]
#[should_panic(expected = "use of closed network connection")]
fn a_closed_one_has_no_number_to_show() {
    let (a, _b) = UnixStream::pair().unwrap();
    a.close().unwrap();
    let _ = a.as_raw_fd();
}

/// TestFdRace, TestRacyRead, TestRacyWrite: readers and writers race with close; the numbers of others
/// never get the bytes.
#[test]
fn closing_races_with_everybody() {
    everywhere(|side: Side| {
        for _ in 0..40 {
            let (a, b) = UnixStream::pair().unwrap();
            let (a, b) = (Arc::new(a), Arc::new(b));
            let mut users = Vec::new();
            for i in 0..6 {
                let (a, b) = (Arc::clone(&a), Arc::clone(&b));
                users.push(side.go(move || {
                    let mut buf = [7; 16];
                    for _ in 0..1000 {
                        let done = match i % 3 {
                            0 => (&*a).write(&buf).is_err(),
                            1 => !matches!((&*b).read(&mut buf), Ok(1..)),
                            _ => File::from(std::fs::File::open("/dev/null").unwrap())
                                .try_clone()
                                .is_err(),
                        };
                        if done {
                            break;
                        }
                    }
                }));
            }
            a_moment();
            a.close().unwrap();
            b.close().unwrap();
            users.into_iter().for_each(|user| user.join());
        }
    });
}

/// As it says, also if somebody was shown the number: what that stands for now is nobody's socket.
#[test]
fn who_takes_a_descriptor_that_was_closed_panics() {
    everywhere(|_| {
        let taken = |stream: UnixStream| {
            let taken = std::panic::AssertUnwindSafe(|| OwnedFd::from(stream));
            std::panic::catch_unwind(taken).is_err()
        };
        for others in [0, 1] {
            let (stream, _peer) = UnixStream::pair().unwrap();
            let kept: Vec<_> = (0..others).map(|_| stream.try_clone().unwrap()).collect();
            let _shown = stream.as_raw_fd();
            stream.close().unwrap();
            assert!(taken(stream));
            drop(kept);
        }
    });
}
