//! Races of tasks: a waker against a poll, a drop against a delivery.
#![cfg(loom)]

use gaggle_hchan::{TryRecvError, chan, channel};
use loom::future::block_on;
use loom::sync::Arc;
use loom::thread::spawn;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

fn poll_once<F: Future + Unpin>(f: &mut F) -> Poll<F::Output> {
    Pin::new(f).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_waker_is_called_for_every_delivery() {
    // A wake-up between the look and the sleep of the executor is not lost.
    // Seen failing: `Inbox::poll` listens after it stood in the line.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let sender = spawn(move || d.send(1));
        assert_eq!(block_on(c.recv_async()), Some(1));
        sender.join().unwrap();
    });
}

#[test]
fn a_task_sends_to_a_thread() {
    // The same of a send that waits. Seen failing: `Outbox::poll_sent` listens after it saw that it is not finished.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let receiver = spawn(move || d.recv());
        assert!(block_on(c.send_async(1)).is_ok());
        assert_eq!(receiver.join().unwrap(), Some(1));
    });
}

#[test]
fn a_dropped_receive_against_a_delivery() {
    // Never Lost: withdrawn in time, or delivered and put back, by its owner or by the sender.
    // Seen failing: `station::left` releases without `put_back`.
    loom::model(|| {
        let c = chan::<Arc<()>>(1);
        let token = Arc::new(());
        let (d, mine) = (c.clone(), Arc::clone(&token));
        let mut f = c.recv_async();
        assert!(poll_once(&mut f).is_pending());
        let sender = spawn(move || d.send(mine));
        drop(f);
        sender.join().unwrap();
        assert_eq!(Arc::strong_count(&token), 2);
        assert!(c.try_recv().is_ok());
        assert_eq!(c.try_recv().unwrap_err(), TryRecvError::Empty);
        drop(c);
        assert_eq!(Arc::strong_count(&token), 1);
    });
}

#[test]
fn a_dropped_receive_against_a_delivery_without_a_buffer() {
    // The value waits in the line of senders, without one, and survives the close.
    // Seen failing: `close_step` does not set `RETURNED` aside.
    loom::model(|| {
        let c = chan::<u32>(0);
        let d = c.clone();
        let mut f = c.recv_async();
        assert!(poll_once(&mut f).is_pending());
        let sender = spawn(move || d.try_send(7).is_ok());
        drop(f);
        let sent = sender.join().unwrap();
        c.close();
        assert_eq!(c.recv(), sent.then_some(7));
        assert_eq!(c.recv(), None);
    });
}

#[test]
fn a_dropped_send_against_a_receive() {
    // The value is received or dropped, once.
    // Seen failing: `Station::withdraw` does not release the line's count.
    loom::model(|| {
        let c = chan::<Arc<()>>(0);
        let token = Arc::new(());
        let d = c.clone();
        let mut f = c.send_async(Arc::clone(&token));
        assert!(poll_once(&mut f).is_pending());
        let receiver = spawn(move || d.try_recv().is_ok());
        drop(f);
        _ = receiver.join().unwrap();
        assert_eq!(Arc::strong_count(&token), 1);
        assert!(c.try_recv().is_err());
    });
}

#[test]
fn a_dropped_send_against_a_close() {
    // Who takes the node last drops the value.
    // Seen failing: `station::left` forgets the value of a send that met a close.
    loom::model(|| {
        let c = chan::<Arc<()>>(0);
        let token = Arc::new(());
        let d = c.clone();
        let mut f = c.send_async(Arc::clone(&token));
        assert!(poll_once(&mut f).is_pending());
        let closer = spawn(move || d.close());
        drop(f);
        closer.join().unwrap();
        assert_eq!(Arc::strong_count(&token), 1);
    });
}

#[test]
fn two_tasks_and_a_sender_that_meets_the_one_that_goes() {
    // Never Lost: the value goes on to the one that stays.
    // Seen failing: `put_back` puts the value into the buffer whether somebody waits or not.
    loom::model(|| {
        let c = chan::<u32>(1);
        let d = c.clone();
        let mut goes = c.recv_async();
        assert!(poll_once(&mut goes).is_pending());
        let mut stays = c.recv_async();
        assert!(poll_once(&mut stays).is_pending());
        let sender = spawn(move || d.send(3));
        drop(goes);
        sender.join().unwrap();
        assert_eq!(poll_once(&mut stays), Poll::Ready(Some(3)));
        assert!(c.try_recv().is_err(), "it came once");
    });
}

#[test]
fn two_tasks_go_against_two_sends() {
    // In Turn: withdrawn, passed on or put back, 1 comes before 2.
    // Seen failing: `try_put_back` inserts before all others.
    loom::model(|| {
        let c = chan::<u32>(2);
        let d = c.clone();
        let (mut one, mut two) = (c.recv_async(), c.recv_async());
        assert!(poll_once(&mut one).is_pending() && poll_once(&mut two).is_pending());
        let sender = spawn(move || [1, 2].map(|i| d.send(i)));
        drop(one);
        drop(two);
        _ = sender.join().unwrap();
        assert_eq!((c.try_recv(), c.try_recv()), (Ok(1), Ok(2)));
    });
}

#[test]
fn the_last_receiver_goes_against_a_delivery() {
    // Handed back, or put back before or after the receiver took all places away; dropped once.
    // Seen failing: `take_rest` does not free the stations of the values in the line.
    loom::model(|| {
        let (tx, rx) = channel::<Arc<()>>(1);
        let token = Arc::new(());
        let mine = [(); 2].map(|()| Arc::clone(&token));
        let mut f = rx.recv_async();
        assert!(poll_once(&mut f).is_pending());
        let sender = spawn(move || {
            for token in mine {
                _ = tx.try_send(token);
            }
            tx
        });
        drop(f);
        drop(rx);
        drop(sender.join().unwrap());
        assert_eq!(Arc::strong_count(&token), 1);
    });
}

#[test]
fn what_the_last_receiver_leaves_is_dropped_though_a_sender_lives() {
    // A delivery whose owner is gone comes back after the last receiver has taken the rest: a value that waited in
    // the channel for the last sender would keep, say, the other end of a reply open.
    // Seen failing: `take_rest` leaves a `Back` that takes values.
    loom::model(|| {
        let (tx, rx) = channel::<Arc<()>>(1);
        let token = Arc::new(());
        let mine = Arc::clone(&token);
        let mut f = rx.recv_async();
        assert!(poll_once(&mut f).is_pending());
        let sender = spawn(move || {
            _ = tx.try_send(mine);
            tx
        });
        drop(f);
        drop(rx);
        let tx = sender.join().unwrap();
        assert_eq!(Arc::strong_count(&token), 1);
        drop(tx);
    });
}
