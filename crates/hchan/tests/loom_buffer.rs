//! Races on a buffered channel: values go through the ring.
#![cfg(loom)]

use gaggle_hchan::{TryRecvError, chan};
use loom::thread::spawn;

#[test]
fn buffered_then_full() {
    // I5, I8: the second send may have to wait; order is kept.
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let c = chan::<u32>(1);
        let d = c.clone();
        let sender = spawn(move || {
            d.send(1);
            d.send(2);
        });
        assert_eq!((c.recv(), c.recv()), (Some(1), Some(2)));
        sender.join().unwrap();
    });
}

#[test]
fn a_receive_from_a_full_buffer_lets_a_sender_in() {
    // I8: who waits for room goes on as soon as there is some.
    // Seen failing: `recv_step` does not look whether senders wait.
    loom::model(|| {
        let c = chan::<u32>(1);
        c.send(1);
        let d = c.clone();
        let sender = spawn(move || d.send(2));
        assert_eq!(c.recv(), Some(1));
        sender.join().unwrap();
        assert_eq!((c.len(), c.recv()), (1, Some(2)));
    });
}

#[test]
fn two_senders_share_one_place() {
    // I7, I8
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let c = chan::<u32>(1);
        let d = c.clone();
        let one = spawn(move || d.send(1));
        let e = c.clone();
        let two = spawn(move || e.send(2));
        assert_eq!(c.recv().unwrap() + c.recv().unwrap(), 3);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn try_recv_never_misses_a_closing_full_channel() {
    // I14, I15: full, then closed; at no instant empty and open (TestNonblockRecvRace).
    // Seen failing: `Held::publish` shows a closed channel as empty and open first.
    loom::model(|| {
        let c = chan::<u32>(1);
        c.send(1);
        let d = c.clone();
        let looker = spawn(move || d.try_recv());
        c.close();
        let mine = c.try_recv();
        let theirs = looker.join().unwrap();
        assert_ne!(theirs, Err(TryRecvError::Empty));
        assert_ne!(mine.is_ok(), theirs.is_ok());
    });
}

#[test]
fn try_recv_finds_what_was_sent_before_close() {
    // I3, I14: empty and open, then one value, then closed: "closed" comes last.
    // Seen failing: `Held::publish` shows an empty buffer first.
    loom::model(|| {
        let c = chan::<u32>(1);
        let d = c.clone();
        let sender = spawn(move || {
            d.send(1);
            d.close();
        });
        if c.try_recv() == Err(TryRecvError::Closed) {
            panic!("closed before it was drained");
        }
        sender.join().unwrap();
    });
}

#[test]
fn try_send_sees_room_that_is_always_there() {
    // I14: a place is free at every instant.
    // Seen failing: `Held::publish` shows a full buffer first.
    loom::model(|| {
        let c = chan::<u32>(2);
        c.send(1);
        let d = c.clone();
        let other = spawn(move || {
            d.recv();
            d.send(2);
        });
        assert!(c.try_send(3).is_ok());
        other.join().unwrap();
        assert_eq!(c.len(), 2);
    });
}
