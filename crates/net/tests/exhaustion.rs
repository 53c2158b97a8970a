//! A process without descriptors: what it has goes on. One test, for the limit is the whole process'.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{Side, a_moment, everywhere};
use gaggle_context as context;
use gaggle_net::{UnixStream, is_closed, is_timeout};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

mod common;

fn take_all() -> Vec<std::fs::File> {
    let mut all = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        all.push(file);
    }
    all
}

/// Before anybody has waited in the poller: its own descriptors are not there either.
fn a_context_binds_at_once_or_not_at_all() {
    let (reader, _writer) = UnixStream::pair().unwrap();
    let (ctx, cancel) = context::with_cancel(&context::background());
    let taken = take_all();
    let refused = reader.end_with(&ctx);
    assert_eq!(refused.unwrap_err().raw_os_error(), Some(libc::EMFILE));
    drop(taken);
    let _bond = reader.end_with(&ctx).unwrap();
    // Its thread is made before, and joined when there are descriptors again: a sanitizer needs some to see that it need
    // not report that.
    let waits = Side::Thread.go(move || {
        pass(&STAGE, BEGIN);
        let end = (&reader).read(&mut [0]);
        STAGE.store(ENDED, Ordering::Release);
        end
    });
    let taken = take_all();
    STAGE.store(BEGIN, Ordering::Release);
    a_moment();
    cancel.cancel();
    pass(&STAGE, ENDED);
    drop(taken);
    assert!(is_timeout(&waits.join_soon().unwrap_err()));
}

static STAGE: AtomicU32 = AtomicU32::new(0);
const BEGIN: u32 = 1;
const ENDED: u32 = 2;

/// Waits until it is so, ten seconds at most.
fn pass(stage: &AtomicU32, wanted: u32) {
    let begin = Instant::now();
    while stage.load(Ordering::Acquire) < wanted {
        assert!(begin.elapsed() < Duration::from_secs(10), "not at stage {wanted}");
        std::thread::yield_now();
    }
}

#[test]
fn what_is_open_goes_on_without_descriptors() {
    a_context_binds_at_once_or_not_at_all();
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
