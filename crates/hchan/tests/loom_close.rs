//! Races with close, and with the last handle of a pair.
#![cfg(loom)]

use gaggle_hchan::{TryRecvError, chan, channel};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread::{spawn, yield_now};
use std::time::Duration;

#[test]
fn close_wakes_receiver() {
    // I4
    // Seen failing: the wait gives the lock back between its decision and the line.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let receiver = spawn(move || d.recv());
        c.close();
        assert_eq!(receiver.join().unwrap(), None);
    });
}

#[test]
fn close_wakes_sender() {
    // I4: the value comes back.
    // Seen failing: `close_step` tells waiting senders `Done`.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let sender = spawn(move || d.send_or_closed(1));
        c.close();
        assert_eq!(sender.join().unwrap().unwrap_err().into_inner(), 1);
    });
}

#[test]
fn close_wakes_all() {
    // I4
    // Seen failing: `close_step` takes one receiver only.
    loom::model(|| {
        let c = chan::<u32>(0);
        let (d, e) = (c.clone(), c.clone());
        let one = spawn(move || d.recv());
        let two = spawn(move || e.recv_timeout(Duration::ZERO).is_err());
        c.close();
        assert_eq!(one.join().unwrap(), None);
        assert!(two.join().unwrap());
    });
}

#[test]
fn one_closer_wins() {
    // Seen failing: `close_step` does not look whether it was closed.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let other = spawn(move || d.try_close());
        assert_ne!(c.try_close(), other.join().unwrap());
    });
}

#[test]
fn a_close_takes_a_waiting_sender_away_at_one_instant() {
    // I14: somebody sends until it is closed, so at no instant is there nothing to receive.
    // Seen failing: `close` gives the lock back between waking those who wait and the flag.
    loom::model(|| {
        let c = chan::<u32>(0);
        let (d, e) = (c.clone(), c.clone());
        let sender = spawn(move || d.send_or_closed(1).is_ok());
        while !format!("{c:?}").contains("senders_waiting: 1,") {
            yield_now();
        }
        let closer = spawn(move || e.close());
        let got = c.try_recv();
        closer.join().unwrap();
        assert_ne!(got, Err(TryRecvError::Empty));
        assert_eq!(sender.join().unwrap(), got == Ok(1));
    });
}

#[test]
fn closed_carries_what_came_before_close() {
    // Y8, through the look without the lock.
    // Seen failing: `Mirror::look` is Relaxed.
    loom::model(|| {
        let (c, data) = (chan::<u32>(0), Arc::new(UnsafeCell::new(0)));
        let (d, place) = (c.clone(), Arc::clone(&data));
        let closer = spawn(move || {
            // SAFETY: nobody reads before the close is seen.
            place.with_mut(|place| unsafe { *place = 1 });
            d.close();
        });
        while c.try_recv() == Err(TryRecvError::Empty) {
            yield_now();
        }
        // SAFETY: the close was seen.
        assert_eq!(data.with(|place| unsafe { *place }), 1);
        closer.join().unwrap();
    });
}

#[test]
fn last_sender_closes_after_every_send() {
    // The receiver finds both values before the end, whoever drops last.
    // Seen failing: the handles are counted by a load and a store.
    loom::model(|| {
        let (tx, rx) = channel::<u32>(2);
        let tx2 = tx.clone();
        let other = spawn(move || tx2.send(1).unwrap());
        tx.send(2).unwrap();
        drop(tx);
        assert_eq!(rx.iter().sum::<u32>(), 3);
        other.join().unwrap();
    });
}

#[test]
fn last_receiver_gives_the_value_back() {
    // Sent, taken or handed back: the value is dropped once, wherever it is.
    // Seen failing: `close_step` tells waiting senders `Done`.
    loom::model(|| {
        let (tx, rx) = channel::<Arc<()>>(0);
        let token = Arc::new(());
        let mine = Arc::clone(&token);
        let sender = spawn(move || tx.send(mine).is_err());
        drop(rx);
        assert!(sender.join().unwrap());
        assert_eq!(Arc::strong_count(&token), 1);
    });
}

#[test]
fn last_receiver_empties_the_buffer() {
    // What is sent while the last receiver goes is dropped, or handed back.
    // Seen failing: it empties the buffer before it closes.
    loom::model(|| {
        let (tx, rx) = channel::<Arc<()>>(1);
        let token = Arc::new(());
        let mine = Arc::clone(&token);
        let sender = spawn(move || {
            drop(tx.send(mine));
            tx // kept: only the receiver may empty it
        });
        drop(rx);
        let tx = sender.join().unwrap();
        assert_eq!(Arc::strong_count(&token), 1);
        drop(tx);
    });
}
