//! Deadlines and time limits (SEMANTICS U3; ★37 and Go's `timeout_test.go`).
//!
//! *By The Real Clock*: deadlines of descriptors are the real clock's, as no bubble's clock goes on while one waits
//! for the world (SEMANTICS W3).

use common::{a_moment, everywhere};
use gaggle_context as context;
use gaggle_net::{File, TcpListener, TcpStream, UdpSocket, UnixStream, is_timeout, pipe};
use std::io::{Error, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

mod common;

fn assert_timeout(error: &Error) {
    assert!(is_timeout(error), "{error}");
    assert_eq!((error.kind(), &*error.to_string()), (ErrorKind::TimedOut, "i/o timeout"));
}

/// Of many deadlines half are to end their calls no later than this. Go's test allows a tenth of the time, and on a busy machine
/// asks for longer times, up to four seconds; who is told by nobody, and looks only now and then, is later than this.
const LATE: Duration = Duration::from_millis(300);

/// ★37 TestReadTimeoutFluctuation, TestWriteTimeoutFluctuation: hit again and again, never before its time, and soon after it.
#[test]
fn a_deadline_is_hit_again_and_again_and_never_early() {
    everywhere(|_| {
        let (mut a, _b) = UnixStream::pair().unwrap();
        while a.set_write_timeout(Some(Duration::from_millis(1))).is_ok() {
            if let Err(error) = a.write_all(&[0; 65536]) {
                assert_timeout(&error);
                break; // full from now on
            }
        }
        a.set_write_timeout(None).unwrap();
        let late = |when: Instant| {
            let now = Instant::now();
            now.checked_duration_since(when).unwrap_or_else(|| panic!("{:?} early", when - now))
        };
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        for round in 0..60 {
            let when = Instant::now() + Duration::from_micros(50 * round);
            a.set_read_deadline(Some(when)).unwrap();
            assert_timeout(&a.read(&mut [0]).unwrap_err());
            reads.push(late(when));
            let when = Instant::now() + Duration::from_micros(50 * round);
            a.set_write_deadline(Some(when)).unwrap();
            assert_timeout(&a.write(&[0]).unwrap_err());
            writes.push(late(when));
        }
        for mut all in [reads, writes] {
            all.sort_unstable();
            let median = all[all.len() / 2];
            assert!(median < LATE, "late by {median:?} as a rule: {all:?}");
        }
    });
}

/// TestVariousDeadlines: short, long and past ones.
#[test]
fn deadlines_of_every_length_end_a_read() {
    everywhere(|_| {
        let (mut a, _b) = UnixStream::pair().unwrap();
        let lengths = [0, 1, 50, 1_000, 50_000, 1_000_000, 20_000_000].map(Duration::from_nanos);
        for length in lengths {
            a.set_deadline(Some(Instant::now() + length)).unwrap();
            assert_timeout(&a.read(&mut [0]).unwrap_err());
        }
    });
}

/// A past deadline fails what would succeed; none lets it be again.
#[test]
fn a_past_deadline_fails_a_read_though_there_is_data() {
    everywhere(|_| {
        let (mut a, mut b) = UnixStream::pair().unwrap();
        b.write_all(b"12").unwrap();
        a.set_deadline(Some(Instant::now())).unwrap();
        assert_timeout(&a.read(&mut [0]).unwrap_err());
        assert_timeout(&a.write(&[0]).unwrap_err());
        assert_eq!(a.read(&mut []).unwrap(), 0, "U9");
        a.set_deadline(None).unwrap();
        assert_eq!(a.read(&mut [0; 8]).unwrap(), 2);
        a.set_read_deadline(Some(Instant::now() + Duration::from_secs(3600))).unwrap();
        b.write_all(b"3").unwrap();
        assert_eq!(a.read(&mut [0; 8]).unwrap(), 1);
    });
}

/// A context that has ended ends the first call already, though there is data.
#[test]
fn a_context_that_has_ended_ends_what_comes() {
    everywhere(|_| {
        let (mut a, mut b) = UnixStream::pair().unwrap();
        b.write_all(b"!").unwrap();
        let (ctx, cancel) = context::with_cancel(&context::background());
        cancel.cancel();
        let bond = a.end_with(&ctx).unwrap();
        assert_timeout(&a.read(&mut [0]).unwrap_err());
        assert_timeout(&a.write(b"?").unwrap_err());
        drop(bond);
        assert_eq!(a.read(&mut [0]).unwrap(), 1);
    });
}

/// Who gives each request a time does not go on after the end of its context.
#[test]
fn a_deadline_that_is_set_later_does_not_undo_the_end_of_a_context() {
    everywhere(|_| {
        let (mut a, mut b) = UnixStream::pair().unwrap();
        let (ctx, cancel) = context::with_cancel(&context::background());
        let bond = a.end_with(&ctx).unwrap();
        b.write_all(b"!").unwrap();
        a.set_deadline(Some(Instant::now() + Duration::from_secs(60))).unwrap();
        assert_eq!(a.read(&mut [0]).unwrap(), 1);
        cancel.cancel();
        let ended = (0..1000).any(|_| {
            a_moment(); // a goroutine comes to it
            a.set_deadline(None).unwrap();
            a.write(b"?").is_err()
        });
        assert!(ended, "the context has ended");
        a.set_read_deadline(Some(Instant::now() + Duration::from_secs(60))).unwrap();
        assert_timeout(&a.read(&mut [0]).unwrap_err());
        drop(bond);
        b.write_all(b"!").unwrap();
        assert_eq!(a.read(&mut [0]).unwrap(), 1);
        b.close().unwrap();
        a.close().unwrap();
        assert!(a.set_deadline(None).is_err());
    });
}

/// As long as one context that has ended holds it, a deadline stays (SEMANTICS U3); in whatever order they let go.
#[test]
fn a_context_that_lets_go_leaves_another_ones_end_in_force() {
    everywhere(|side| {
        for inner_goes_first in [true, false] {
            let (a, mut b) = UnixStream::pair().unwrap();
            let a = Arc::new(a);
            let (server, stop) = context::with_cancel(&context::background());
            let (request, done) = context::with_cancel(&server);
            let (outer, inner) = (a.end_with(&server).unwrap(), a.end_with(&request).unwrap());
            stop.cancel();
            assert_timeout(&(&*a).read(&mut [0]).unwrap_err());
            let read = || {
                let theirs = Arc::clone(&a);
                side.go(move || (&*theirs).read(&mut [0])).join_soon()
            };
            // This one has expired already; the others do so when a goroutine comes to them.
            let late = a.end_with(&request).unwrap();
            let bonds = if inner_goes_first { [inner, late, outer] } else { [outer, inner, late] };
            for bond in bonds {
                assert_timeout(&read().unwrap_err());
                drop(bond);
            }
            done.cancel();
            b.write_all(b"!").unwrap();
            assert_eq!(read().unwrap(), 1);
        }
    });
}

/// TestReadTimeoutUnblocksRead: set while somebody waits.
#[test]
fn a_deadline_that_is_set_later_ends_who_waits() {
    everywhere(|side| {
        for far in [false, true] {
            let (a, _b) = UnixStream::pair().unwrap();
            if far {
                a.set_deadline(Some(Instant::now() + Duration::from_secs(3600))).unwrap();
            }
            let a = Arc::new(a);
            let theirs = Arc::clone(&a);
            let reads = side.go(move || (&*theirs).read(&mut [0]).unwrap_err());
            a_moment();
            a.set_read_deadline(Some(Instant::now() + Duration::from_millis(1))).unwrap();
            assert_timeout(&reads.join());
        }
    });
}

/// TestAcceptTimeout.
#[test]
fn accepting_has_deadlines_too() {
    everywhere(|_| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        for after in [0, 1, 3] {
            let when = Instant::now() + Duration::from_millis(after);
            listener.set_deadline(Some(when)).unwrap();
            assert_timeout(&listener.accept().unwrap_err());
            assert!(Instant::now() >= when);
        }
        listener.set_deadline(None).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap();
    });
}

/// A time limit is of one call: the next one has all of it again.
#[test]
fn a_limit_is_for_each_call_anew() {
    everywhere(|_| {
        let (mut a, mut b) = UnixStream::pair().unwrap();
        let limit = Duration::from_millis(3);
        a.set_read_timeout(Some(limit)).unwrap();
        for _ in 0..5 {
            let begin = Instant::now();
            assert_timeout(&a.read(&mut [0]).unwrap_err());
            assert!(begin.elapsed() >= limit);
            b.write_all(b"!").unwrap();
            assert_eq!(a.read(&mut [0; 4]).unwrap(), 1);
        }
        assert_eq!(
            a.set_read_timeout(Some(Duration::ZERO)).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    });
}

/// TestReadWriteDeadlineRace, TestConcurrentSetDeadline.
#[test]
fn deadlines_are_set_while_others_read_and_write() {
    everywhere(|side| {
        let (a, b) = UnixStream::pair().unwrap();
        let (a, b) = (Arc::new(a), Arc::new(b));
        let over = Arc::new(AtomicBool::new(false));
        let mut users = Vec::new();
        for role in 0..4 {
            let (a, b, over) = (Arc::clone(&a), Arc::clone(&b), Arc::clone(&over));
            users.push(side.go(move || {
                while !over.load(Ordering::Relaxed) {
                    match role {
                        0 => _ = (&*a).read(&mut [0; 16]),
                        1 => _ = (&*b).write(&[0; 16]),
                        2 => a
                            .set_deadline(Some(Instant::now() + Duration::from_micros(100)))
                            .unwrap(),
                        _ => b
                            .set_deadline(Some(Instant::now() + Duration::from_micros(70)))
                            .unwrap(),
                    }
                    gaggle_time::sleep(Duration::from_micros(10));
                }
            }));
        }
        gaggle_time::sleep(Duration::from_millis(40));
        over.store(true, Ordering::Relaxed);
        users.into_iter().for_each(|user| user.join());
    });
}

/// The stale deadline of a descriptor that is gone does not reach the one that uses its record now.
#[test]
fn a_deadline_goes_with_its_descriptor() {
    everywhere(|side| {
        for _ in 0..50 {
            let (a, _b) = UnixStream::pair().unwrap();
            a.set_deadline(Some(Instant::now() + Duration::from_micros(300))).unwrap();
            let reads = side.go(move || (&a).read(&mut [0]).unwrap_err());
            assert_timeout(&reads.join());
            let (mut c, mut d) = UnixStream::pair().unwrap();
            let writes = side.go(move || {
                gaggle_time::sleep(Duration::from_micros(400));
                d.write_all(b"!").unwrap();
                d
            });
            assert_eq!(c.read(&mut [0]).unwrap(), 1);
            drop(writes.join());
        }
    });
}

/// TestNonpollableDeadline, and pipes.
#[test]
fn pipes_have_deadlines_and_ordinary_files_have_not() {
    everywhere(|_| {
        let (mut reader, _writer) = pipe().unwrap();
        reader.set_deadline(Some(Instant::now() + Duration::from_millis(1))).unwrap();
        assert_timeout(&reader.read(&mut [0]).unwrap_err());
        let file = File::from(std::fs::File::open("/etc/passwd").unwrap());
        let error = file.set_deadline(Some(Instant::now())).unwrap_err();
        assert_eq!(error.to_string(), "file type does not support deadline");
    });
}

/// A context is a deadline that comes when it ends, and is taken away with the guard.
#[test]
fn a_context_ends_who_waits_and_leaves_nothing_behind() {
    everywhere(|side| {
        let (a, mut b) = UnixStream::pair().unwrap();
        let a = Arc::new(a);
        let (ctx, cancel) = gaggle_context::with_cancel(&gaggle_context::background());
        let bond = a.end_with(&ctx).unwrap();
        let theirs = Arc::clone(&a);
        let reads = side.go(move || (&*theirs).read(&mut [0]).unwrap_err());
        a_moment();
        cancel.cancel();
        assert_timeout(&reads.join());
        drop(bond);
        b.write_all(b"!").unwrap();
        assert_eq!((&*a).read(&mut [0]).unwrap(), 1);
    });
}

/// U3, W2: a deadline is as far away as the clock says that it was made by; the wait itself is the world's (W3).
#[test]
fn a_deadline_by_a_bubbles_clock_ends_a_read() {
    common::watch();
    common::run(|| {
        gaggle_synctest::test(|| {
            gaggle_time::sleep(Duration::from_secs(3600));
            let (ours, mut theirs) = UnixStream::pair().unwrap();
            ours.set_read_deadline(Some(gaggle_time::now() + Duration::from_millis(5))).unwrap();
            // If it does not come, this ends the test.
            std::thread::spawn(move || {
                #[expect(clippy::disallowed_methods, reason = "a plain thread")]
                std::thread::sleep(Duration::from_secs(10));
                let _ = theirs.write_all(b"!");
            });
            assert_timeout(&(&ours).read(&mut [0]).unwrap_err());
        });
    });
}

/// Errors in a queue that nobody asks for stay, and poll(2) says so each time: a plain thread does not ask without end.
#[test]
fn who_waits_beside_errors_that_stay_computes_nothing() {
    common::watch();
    let gone = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (on, size) = (1_i32, size_of::<i32>() as libc::socklen_t);
    let (number, at) = (socket.as_raw_fd(), (&raw const on).cast());
    // SAFETY: a number of that size.
    let set = unsafe { libc::setsockopt(number, libc::IPPROTO_IP, libc::IP_RECVERR, at, size) };
    assert_eq!(set, 0);
    socket.send_to(b"?", gone).unwrap();
    assert_eq!(socket.recv(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let before = common::waits();
    assert!(is_timeout(&socket.recv(&mut [0]).unwrap_err()));
    // It sleeps some 300 times; one that asks without end never does.
    let waits = common::waits() - before;
    assert!(waits >= 2, "{waits}");
}
