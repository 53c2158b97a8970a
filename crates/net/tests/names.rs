//! How peers of this machine are called: as std calls them, also if they chose a name that few do.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::everywhere;
use gaggle_net::{UnixDatagram, UnixListener};
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

mod common;

/// A path of `length` bytes, or of as few as it needs.
fn fresh(length: usize) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed); // Relaxed: only itself
    let path = std::env::temp_dir().join(format!("gaggle-names-{}-{number}-", std::process::id()));
    let path = path.into_os_string().into_string().unwrap();
    PathBuf::from(format!("{path:x<length$}"))
}

/// All the room that the kernel has for a path: no zero byte comes after it.
const WHOLE: usize = 108;

/// A socket of the kernel's that is bound to `name`, as it is.
fn bound(kind: i32, name: &[u8]) -> OwnedFd {
    // SAFETY: no pointers.
    let number = unsafe { libc::socket(libc::AF_UNIX, kind | libc::SOCK_CLOEXEC, 0) };
    assert!(number >= 0);
    // SAFETY: it is new.
    let socket = unsafe { OwnedFd::from_raw_fd(number) };
    let mut at = libc::sockaddr_un { sun_family: libc::AF_UNIX as u16, sun_path: [0; WHOLE] };
    for (to, byte) in at.sun_path.iter_mut().zip(name) {
        *to = *byte as libc::c_char;
    }
    let length = (size_of::<u16>() + name.len()) as u32;
    // SAFETY: an address that is at least as long.
    assert_eq!(unsafe { libc::bind(number, (&raw const at).cast(), length) }, 0);
    socket
}

fn sends(name: &[u8], to: &PathBuf) -> OwnedFd {
    let socket = bound(libc::SOCK_DGRAM, name);
    let sender = std::os::unix::net::UnixDatagram::from(socket);
    assert_eq!(sender.send_to(b"?", to).unwrap(), 1);
    sender.into()
}

fn connects(name: &[u8], to: &PathBuf) -> OwnedFd {
    let socket = socket2::Socket::from(bound(libc::SOCK_STREAM, name));
    socket.connect(&socket2::SockAddr::unix(to).unwrap()).unwrap();
    socket.into()
}

/// Any user of the machine may bind one, so nothing may end by it.
#[test]
fn a_peer_with_the_longest_path_is_received_from_and_accepted() {
    everywhere(|_| {
        let (path, long) = (fresh(0), fresh(WHOLE));
        let name = long.as_os_str().as_encoded_bytes();
        assert_eq!(name.len(), WHOLE);

        let receiver = UnixDatagram::bind(&path).unwrap();
        let sender = sends(name, &path);
        let (count, from) = receiver.recv_from(&mut [0; 8]).unwrap();
        assert_eq!((count, from.is_unnamed()), (1, true), "std makes no such address");
        drop((sender, receiver));
        std::fs::remove_file(&long).unwrap();
        std::fs::remove_file(&path).unwrap();

        let listener = UnixListener::bind(&path).unwrap();
        let client = connects(name, &path);
        let (stream, from) = listener.accept().unwrap();
        assert_eq!(from.as_pathname(), Some(&*long));
        assert_eq!(stream.peer_addr().unwrap().as_pathname(), Some(&*long));
        drop(client);
        std::fs::remove_file(&long).unwrap();
        std::fs::remove_file(&path).unwrap();
    });
}

/// Names without a file: any bytes, also none.
#[test]
fn a_peer_with_an_abstract_name_is_called_by_it() {
    use std::os::linux::net::SocketAddrExt;
    everywhere(|_| {
        let path = fresh(0);
        for end in [&b"plain"[..], b"with\0nul", b"trail\0", b"", b"\xff\xfe"] {
            let its = [path.as_os_str().as_encoded_bytes(), end].concat();
            let name = [b"\0", &*its].concat();

            let receiver = UnixDatagram::bind(&path).unwrap();
            let sender = sends(&name, &path);
            let (_, from) = receiver.recv_from(&mut [0; 8]).unwrap();
            assert_eq!(from.as_abstract_name(), Some(&*its));
            assert_eq!(receiver.send_to_addr(b"!", &from).unwrap(), 1, "so it can be answered");
            drop((sender, receiver));
            std::fs::remove_file(&path).unwrap();

            let listener = UnixListener::bind(&path).unwrap();
            let client = connects(&name, &path);
            let (stream, from) = listener.accept().unwrap();
            assert_eq!(from.as_abstract_name(), Some(&*its));
            assert_eq!(stream.peer_addr().unwrap().as_abstract_name(), Some(&*its));
            drop(client);
            std::fs::remove_file(&path).unwrap();
        }
        let (receiver, sender) = (UnixDatagram::bind(&path).unwrap(), UnixDatagram::unbound());
        assert_eq!(sender.unwrap().send_to(b"?", &path).unwrap(), 1);
        assert!(receiver.recv_from(&mut [0; 8]).unwrap().1.is_unnamed());
        std::fs::remove_file(&path).unwrap();
    });
}
