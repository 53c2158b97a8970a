//! A process without descriptors: what it has goes on. One test, for the limit is the whole process'.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{Side, a_moment, everywhere, take_all};
use gaggle_net::{TcpListener, TcpStream, UnixListener, UnixStream, is_closed};
use std::io::{Read, Result, Write};
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::time::Duration;

mod common;

/// `accept` says that there are no descriptors; `next`, of a loop over connections, comes back when there are some again.
fn next_waits_until_there_are_some<A, N>(
    accept: impl Fn() -> Result<A>,
    next: impl FnOnce() -> N,
) -> N {
    let (give, take) = mpsc::channel::<Vec<std::fs::File>>();
    let frees = std::thread::spawn(move || {
        let taken = take.recv();
        #[expect(clippy::disallowed_methods, reason = "a plain thread")]
        std::thread::sleep(Duration::from_millis(30));
        drop(taken);
    });
    let taken = take_all();
    let refused = accept().map(drop);
    give.send(taken).unwrap();
    let next = next();
    frees.join().unwrap();
    assert_eq!(refused.unwrap_err().raw_os_error(), Some(libc::EMFILE));
    next
}

/// A server of either kind outlives it.
fn loops_over_connections_go_on() {
    let path = std::env::temp_dir().join(format!("gaggle-exhaustion-{}", std::process::id()));
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let _waits = TcpStream::connect(tcp.local_addr().unwrap()).unwrap();
    next_waits_until_there_are_some(|| tcp.accept(), || tcp.incoming().next().unwrap()).unwrap();
    let unix = UnixListener::bind(&path).unwrap();
    let _waits = UnixStream::connect(&path).unwrap();
    next_waits_until_there_are_some(|| unix.accept(), || unix.incoming().next().unwrap()).unwrap();
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn what_is_open_goes_on_without_descriptors() {
    everywhere(|_| loops_over_connections_go_on());
    everywhere(|side: Side| {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        let (shown, mut peer) = UnixStream::pair().unwrap();
        let reader = ours.try_clone().unwrap();
        let closes = ours.try_clone().unwrap();
        // Who waits on a goroutine needs the poller's; a plain thread has none of its own left.
        let (first, done) = UnixStream::pair().unwrap();
        let waits = side.go(move || (&first).read(&mut [0]));
        a_moment();
        drop(done);
        assert_eq!(waits.join().unwrap(), 0);

        let again = side.go(move || {
            let mut word = [0; 4];
            ours.read_exact(&mut word).unwrap();
            ours.write_all(b"heard").unwrap();
            (word, (&reader).read(&mut word))
        });
        let taken = take_all();
        a_moment();
        theirs.write_all(b"word").unwrap();
        theirs.read_exact(&mut [0; 5]).unwrap();
        a_moment();
        closes.close().unwrap();
        let (word, end) = again.join();
        assert_eq!(&word, b"word");
        assert!(is_closed(&end.unwrap_err()));

        // A number that was shown stays taken, though there is none for what stands for nothing.
        let rest = take_all();
        let number = shown.as_fd();
        shown.close().unwrap();
        assert!(number.try_clone_to_owned().is_err(), "it is there, and no other is");
        drop((taken, rest));
        drop(number.try_clone_to_owned().unwrap());
        assert_eq!(peer.read(&mut [0]).unwrap(), 0);
    });
}
