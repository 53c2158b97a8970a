//! Sender and Receiver.

mod common;

use common::{go, panic_of, until};
use gaggle_hchan::{
    RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError, channel, select,
};
use std::sync::Arc;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

#[test]
fn the_last_sender_closes() {
    let (tx, rx) = channel::<u32>(2);
    let tx2 = tx.clone();
    tx.send(1).unwrap();
    drop(tx);
    assert_eq!(rx.try_recv(), Ok(1));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
    tx2.send(2).unwrap();
    drop(tx2);
    assert_eq!((rx.recv(), rx.recv()), (Some(2), None));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
    assert_eq!(rx.recv_timeout(LONG), Err(RecvTimeoutError::Closed));
}

#[test]
fn a_waiting_receiver_learns_that_the_last_sender_went() {
    let (tx, rx) = channel::<u32>(0);
    let receiver = go(move || rx.recv());
    until(|| format!("{tx:?}").contains("receivers_waiting: 1,"));
    drop(tx);
    assert_eq!(receiver.join().unwrap(), None);
}

#[test]
fn a_send_without_receivers_hands_the_value_back() {
    let (tx, rx) = channel::<String>(1);
    let rx2 = rx.clone();
    drop(rx);
    tx.send("kept".to_owned()).unwrap();
    drop(rx2);
    assert_eq!(tx.send("a".to_owned()), Err(SendError("a".to_owned())));
    assert_eq!(tx.try_send("b".to_owned()), Err(TrySendError::Closed("b".to_owned())));
    let timed = tx.send_timeout("c".to_owned(), LONG);
    assert_eq!(timed, Err(SendTimeoutError::Closed("c".to_owned())));
}

#[test]
fn a_waiting_sender_gets_its_value_back_when_the_last_receiver_goes() {
    let (tx, rx) = channel::<Vec<u32>>(0);
    let tx2 = tx.clone();
    let sender = go(move || tx2.send(vec![1, 2, 3]));
    until(|| format!("{rx:?}").contains("senders_waiting: 1,"));
    drop(rx);
    assert_eq!(sender.join().unwrap(), Err(SendError(vec![1, 2, 3])));
}

#[test]
fn what_is_in_the_buffer_goes_with_the_last_receiver() {
    let token = Arc::new(());
    let (tx, rx) = channel(4);
    (0..3).for_each(|_| tx.send(Arc::clone(&token)).unwrap());
    assert_eq!(Arc::strong_count(&token), 4);
    drop(rx);
    assert_eq!(Arc::strong_count(&token), 1);
    drop(tx);
}

#[test]
fn select_takes_both_halves() {
    // J5: an arm without a pattern panics when the receivers are gone, one with a pattern does not.
    let (tx, rx) = channel::<u32>(1);
    select! { send(tx, 5) => {}, recv(rx) -> _ => panic!("nothing to receive") }
    let (a, b) = (&tx, &rx);
    let got = select! { send(a, 6) => None, recv(b) -> v => v };
    assert_eq!(got, Some(5));
    drop(rx);
    assert_eq!(panic_of(|| select! { send(tx, 7) => {} }), "send on closed channel");
    assert_eq!(select! { send(tx, 8) -> sent => sent, default => Ok(()) }, Err(SendError(8)));
}

#[test]
fn receivers_iterate() {
    let (tx, rx) = channel::<u32>(0);
    let sender = go(move || (0..50).try_for_each(|i| tx.send(i)));
    let mut next = 0;
    for value in &rx {
        assert_eq!(value, next);
        next += 1;
    }
    assert_eq!(next, 50);
    sender.join().unwrap().unwrap();
    assert_eq!(rx.into_iter().next(), None);
}

#[test]
fn every_value_is_received_or_handed_back() {
    // Receivers go away in the middle of the traffic.
    for round in 0..50 {
        let (tx, rx) = channel::<Arc<()>>(round % 3);
        let token = Arc::new(());
        let senders: Vec<_> = (0..3)
            .map(|_| {
                let (tx, token) = (tx.clone(), Arc::clone(&token));
                go(move || {
                    (0..40).map(|_| tx.send(Arc::clone(&token))).filter(Result::is_ok).count()
                })
            })
            .collect();
        drop(tx);
        let got = rx.iter().take(30).count();
        drop(rx);
        let sent: usize = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
        assert!(sent >= got, "{sent} sent, {got} received");
        assert_eq!(Arc::strong_count(&token), 1);
    }
}
