//! Races on an unbuffered channel: values go from slot to slot.
#![cfg(loom)]

use gaggle_hchan::{RecvTimeoutError, chan};
use loom::thread::spawn;
use std::time::Duration;

#[test]
fn rendezvous() {
    // I6: whoever comes first waits; the value arrives.
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let c = chan::<Box<u32>>(0);
        let d = c.clone();
        let sender = spawn(move || d.send(Box::new(1)));
        assert_eq!(c.recv(), Some(Box::new(1)));
        sender.join().unwrap();
    });
}

#[test]
fn two_senders_one_receiver() {
    // I7, J12: both values come, each once.
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let c = chan::<u32>(0);
        let (d, e) = (c.clone(), c.clone());
        let one = spawn(move || d.send(1));
        let two = spawn(move || e.send(2));
        assert_eq!(c.recv().unwrap() + c.recv().unwrap(), 3);
        one.join().unwrap();
        two.join().unwrap();
    });
}

#[test]
fn one_sender_two_receivers() {
    // I7, J12
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let c = chan::<u32>(0);
        let (d, e) = (c.clone(), c.clone());
        let one = spawn(move || d.recv().unwrap());
        let two = spawn(move || e.recv().unwrap());
        c.send(1);
        c.send(2);
        assert_eq!(one.join().unwrap() + two.join().unwrap(), 3);
    });
}

#[test]
fn timed_out_receiver_loses_no_value() {
    // The clock and the sender race for one winner: the value was taken, or it comes back.
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let sender = spawn(move || d.try_send(1).is_ok());
        let got = c.recv_timeout(Duration::ZERO);
        let sent = sender.join().unwrap();
        assert_eq!(got, if sent { Ok(1) } else { Err(RecvTimeoutError::Timeout) });
        assert!(c.try_send(2).is_err(), "nobody waits any more");
    });
}

#[test]
fn timed_out_sender_keeps_its_value() {
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let receiver = spawn(move || d.try_recv().is_ok());
        let sent = c.send_timeout(1, Duration::ZERO);
        assert_eq!(sent.is_ok(), receiver.join().unwrap());
        assert!(c.try_recv().is_err(), "nobody waits any more");
    });
}

#[test]
fn a_sender_meets_two_timed_receivers() {
    // J7 for time-outs: who finds the first one's wait ended goes on to the next.
    // Seen failing: `Sudog::win` says yes whatever its claim says.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let timed = spawn(move || d.recv_timeout(Duration::ZERO).ok());
        let e = c.clone();
        let sender = spawn(move || e.send(1));
        let mine = c.recv_timeout(Duration::ZERO).ok();
        let theirs = timed.join().unwrap();
        if mine.is_none() && theirs.is_none() {
            assert_eq!(c.recv(), Some(1));
        }
        assert!(mine.is_none() || theirs.is_none());
        sender.join().unwrap();
    });
}
