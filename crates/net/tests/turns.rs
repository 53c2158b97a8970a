//! Several calls on one socket: they take turns, a write is whole, and who may not wait does not wait for his turn either.
//!
//! *By The Real Clock*: who waits for a descriptor waits for the world (SEMANTICS W3).

use common::{Side, a_moment, everywhere};
use gaggle_net::{File, UnixStream, is_timeout, pipe};
use std::io::{ErrorKind, IoSlice, Read, Write};
use std::time::Duration;

mod common;

/// More than any buffer holds.
const MUCH: usize = 4 << 20;

/// As one that blocks in the kernel, and Go's: one call writes all, though the reader is slow.
#[test]
fn one_call_writes_more_than_any_buffer_holds() {
    everywhere(|side| {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        let writes = side.go(move || {
            let once = ours.write(&vec![b'.'; MUCH]).unwrap();
            let (some, more) = (vec![b'.'; MUCH], [b'.'; 9]);
            let parts =
                [IoSlice::new(&[]), IoSlice::new(&more), IoSlice::new(&some), IoSlice::new(&more)];
            (once, ours.write_vectored(&parts).unwrap())
        });
        let mut all = Vec::new();
        a_moment();
        theirs.read_to_end(&mut all).unwrap();
        assert_eq!(writes.join(), (MUCH, MUCH + 18));
        assert_eq!(all.len(), 2 * MUCH + 18);
        all.dedup();
        assert_eq!(all, b".");

        let (mut reader, mut writer): (File, File) = pipe().unwrap();
        let writes = side.go(move || writer.write(&vec![b'.'; MUCH]).unwrap());
        assert_eq!(reader.read_to_end(&mut all).unwrap(), MUCH);
        assert_eq!(writes.join(), MUCH);
    });
}

/// What two write at once is not mixed.
#[test]
fn what_several_write_at_once_is_not_mixed() {
    everywhere(|side| {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let writers: Vec<_> = [b'a', b'b', b'c']
            .into_iter()
            .map(|letter| {
                let mut ours = ours.try_clone().unwrap();
                side.go(move || ours.write_all(&vec![letter; MUCH]).unwrap())
            })
            .collect();
        drop(ours);
        let mut all = Vec::new();
        theirs.read_to_end(&mut all).unwrap();
        writers.into_iter().for_each(common::Beside::join);
        assert_eq!(all.len(), 3 * MUCH);
        all.dedup();
        assert_eq!(
            all.len(),
            3,
            "runs of letters: {}",
            String::from_utf8_lossy(&all[..all.len().min(40)])
        );
    });
}

/// A write that was ended says how much it did; the next one says why.
#[test]
fn a_write_that_is_ended_says_how_far_it_came() {
    everywhere(|_: Side| {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_write_timeout(Some(Duration::from_millis(5))).unwrap();
        let some = ours.write(&vec![b'.'; MUCH]).unwrap();
        assert!(some > 0 && some < MUCH, "{some}");
        assert!(is_timeout(&ours.write(b"!").unwrap_err()));
        drop(ours);
        let mut all = Vec::new();
        assert_eq!(theirs.read_to_end(&mut all).unwrap(), some);
    });
}

#[test]
fn who_may_not_wait_does_not_wait_for_his_turn() {
    everywhere(|side| {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut first = ours.try_clone().unwrap();
        // If it comes late, it may not wait either.
        let reads = side.go(move || {
            loop {
                match first.read(&mut [0; 4]) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => a_moment(),
                    done => break done.unwrap(),
                }
            }
        });
        a_moment();
        ours.set_nonblocking(true).unwrap();
        let error = (&ours).read(&mut [0; 4]).unwrap_err();
        assert_eq!(
            (error.kind(), error.raw_os_error()),
            (ErrorKind::WouldBlock, Some(libc::EAGAIN))
        );
        ours.set_nonblocking(false).unwrap();
        theirs.write_all(b"word").unwrap();
        assert_eq!(reads.join(), 4);
    });
}
