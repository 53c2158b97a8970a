//! Sockets of this machine: paths that are none, receivers without room, what `Debug` shows.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{a_moment, everywhere};
use gaggle_net::{
    TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream, is_closed,
    is_timeout,
};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

mod common;

fn fresh() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed); // Relaxed: only itself
    std::env::temp_dir().join(format!("gaggle-unix-{}-{number}", std::process::id()))
}

/// A path with a zero byte is refused as std refuses it, and is no abstract name.
#[test]
fn a_path_with_a_zero_byte_is_none() {
    fn same<T, U>(ours: Result<T>, stds: Result<U>) {
        let (ours, stds) = (ours.map(|_| ()).unwrap_err(), stds.map(|_| ()).unwrap_err());
        assert_eq!((ours.kind(), ours.to_string()), (stds.kind(), stds.to_string()));
    }
    everywhere(|_| {
        let long = "x".repeat(200);
        for path in ["a\0b", "\0b", "/tmp/\0", &long, "", "/no such folder/x"].map(Path::new) {
            same(UnixStream::connect(path), std::os::unix::net::UnixStream::connect(path));
            let (ours, stds) =
                (UnixDatagram::unbound(), std::os::unix::net::UnixDatagram::unbound());
            same(ours.unwrap().send_to(b"?", path), stds.unwrap().send_to(b"?", path));
        }
    });
}

/// The kernel calls a socket writable whose receiver has no room: who sends waits, and does not ask without end.
#[test]
fn a_datagram_waits_for_room_and_computes_nothing_meanwhile() {
    everywhere(|side| {
        let path = fresh();
        let receiver = UnixDatagram::bind(&path).unwrap();
        let full = |sender: &UnixDatagram| {
            sender.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
            loop {
                match sender.send_to(b"?", &path) {
                    Ok(count) => assert_eq!(count, 1),
                    Err(error) => break error,
                }
            }
        };
        let sender = UnixDatagram::unbound().unwrap();
        let before = common::waits();
        assert!(is_timeout(&full(&sender)));
        if side == common::Side::Thread {
            // It sleeps some 300 times; one that asks without end never does.
            let waits = common::waits() - before;
            assert!(waits >= 2, "{waits}");
        }
        sender.set_write_timeout(None).unwrap();
        let closes = sender.try_clone().unwrap();
        let to = path.clone();
        let sends = side.go(move || sender.send_to(b"!", to));
        a_moment();
        closes.close().unwrap();
        assert!(is_closed(&sends.join().unwrap_err()));
        std::fs::remove_file(&path).unwrap();

        let sender = UnixDatagram::unbound().unwrap();
        let path = fresh();
        let other = UnixDatagram::bind(&path).unwrap();
        let sends = side.go({
            let path = path.clone();
            move || {
                (0..40_u8).for_each(|byte| assert_eq!(sender.send_to(&[byte], &path).unwrap(), 1))
            }
        });
        for byte in 0..40_u8 {
            let mut got = [0];
            assert_eq!((other.recv(&mut got).unwrap(), got[0]), (1, byte));
        }
        sends.join();
        std::fs::remove_file(path).unwrap();
        drop(receiver);
    });
}

/// What std shows, but that it wraps the numbers of its Unix sockets.
#[test]
fn debug_shows_what_std_shows() {
    let theirs = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = format!("{theirs:?}");
    let listener = TcpListener::from(theirs);
    assert_eq!(format!("{listener:?}"), text);
    let theirs = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let text = format!("{theirs:?}");
    let stream = TcpStream::from(theirs);
    assert_eq!(format!("{stream:?}"), text);
    let theirs = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let text = format!("{theirs:?}");
    assert_eq!(format!("{:?}", UdpSocket::from(theirs)), text);
    let unwrapped = |text: String| text.replace("FileDesc(OwnedFd { fd: ", "").replace(" })", "");
    let theirs = std::os::unix::net::UnixStream::pair().unwrap().0;
    let text = unwrapped(format!("{theirs:?}"));
    assert_eq!(format!("{:?}", UnixStream::from(theirs)), text);
    let path = fresh();
    let theirs = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let text = unwrapped(format!("{theirs:?}"));
    assert_eq!(format!("{:?}", UnixListener::from(theirs)), text);
    std::fs::remove_file(path).unwrap();
    stream.close().unwrap();
    assert_eq!(format!("{stream:?}"), "TcpStream");
    assert_eq!(stream.peer_addr().unwrap_err().kind(), ErrorKind::NotConnected);
}
