//! Many values at once: `recv_many`, `send_many`.

mod common;

use common::{go, panic_of, until_receivers, until_senders};
use gaggle_hchan::{
    Chan, RecvTimeoutError, SendError, SendTimeoutError, chan, chan_unbounded, channel,
};
use std::sync::Arc;
use std::time::Duration;

#[test]
fn what_is_there_comes_in_order_and_no_more_than_asked_for() {
    // I5, I3
    let (c, mut got) = (chan::<u32>(200), Vec::new());
    c.send_many(&mut (0..150).collect());
    assert_eq!((c.len(), c.recv_many(&mut got, 100)), (150, 100));
    assert_eq!((c.recv_many(&mut got, 1000), c.len()), (50, 0));
    assert!(got.iter().copied().eq(0..150));
    c.close();
    assert_eq!((c.recv_many(&mut got, 5), c.recv_many(&mut got, 0)), (0, 0));
}

#[test]
fn it_waits_for_the_first_value_only() {
    for cap in [0, 1, 2, 10, 100] {
        let c = chan::<u32>(cap);
        let d = c.clone();
        let receiver = go(move || {
            let mut got = Vec::new();
            (d.recv_many(&mut got, 10), got)
        });
        until_receivers(&c, 1);
        c.send(7);
        assert_eq!(receiver.join().unwrap(), (1, vec![7]));
    }
}

#[test]
fn waiting_senders_are_served_too_in_their_order() {
    // I7, I8
    for cap in [0, 1, 2] {
        let c = chan::<usize>(cap);
        (0..cap).for_each(|i| c.send(i));
        let senders: Vec<_> = (0..5)
            .map(|i| {
                let d = c.clone();
                let sender = go(move || d.send(cap + i));
                until_senders(&c, i + 1);
                sender
            })
            .collect();
        let mut got = Vec::new();
        while got.len() < cap + 5 {
            assert!(c.recv_many(&mut got, 100) > 0);
        }
        assert!(got.into_iter().eq(0..cap + 5));
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    }
}

#[test]
fn waiting_receivers_get_the_first_values() {
    // I7
    let c = chan::<usize>(4);
    let receivers: Vec<_> = (0..3)
        .map(|i| {
            let d = c.clone();
            let receiver = go(move || d.recv());
            until_receivers(&c, i + 1);
            receiver
        })
        .collect();
    c.send_many(&mut (0..7).collect());
    for (i, receiver) in receivers.into_iter().enumerate() {
        assert_eq!(receiver.join().unwrap(), Some(i));
    }
    assert_eq!((c.len(), c.recv()), (4, Some(3)));
}

#[test]
fn what_a_closed_channel_does_not_take_stays() {
    // I3, I4
    let c = chan::<u32>(2);
    let d = c.clone();
    let sender = go(move || {
        let mut values: Vec<_> = (0..5).collect();
        let text = panic_of(|| d.send_many(&mut values));
        (text, values)
    });
    until_senders(&c, 1);
    c.close();
    let (text, left) = sender.join().unwrap();
    assert_eq!((&*text, left), ("send on closed channel", vec![2, 3, 4]));
    let (tx, rx) = channel::<String>(1);
    let mut values = vec!["a".to_owned(), "b".to_owned()];
    drop(rx);
    assert_eq!((tx.send_many(&mut values), values.len()), (Err(SendError(())), 2));
    assert_eq!(tx.send_many(&mut Vec::new()), Ok(()));
}

#[test]
fn nil_channels_block_unless_there_is_nothing_to_do() {
    // I2
    Chan::<u32>::nil().send_many(&mut Vec::new());
    assert_eq!(Chan::<u32>::nil().recv_many(&mut Vec::new(), 0), 0);
}

#[test]
fn every_value_moves_once() {
    // I17, J12
    let token = Arc::new(());
    let (bounded, free) = (chan(3), chan_unbounded(5, drop::<usize>));
    for c in [bounded, free] {
        let d = c.clone();
        let values: Vec<_> = (0..1000).map(|_| Arc::clone(&token)).collect();
        let sender = go(move || {
            let mut values = values;
            d.send_many(&mut values);
            d.close();
        });
        let (mut got, mut most) = (Vec::new(), 0);
        loop {
            let n = c.recv_many(&mut got, 7);
            most = most.max(n);
            if n == 0 {
                break;
            }
        }
        sender.join().unwrap();
        assert_eq!((got.len(), Arc::strong_count(&token)), (1000, 1001));
        assert!((1..=7).contains(&most));
    }
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn a_time_limit_is_for_the_first_value() {
    // I5, I3, I2
    let (short, long) = (Duration::from_millis(1), Duration::from_secs(100));
    let (c, mut got) = (chan::<u32>(4), Vec::new());
    assert_eq!(c.recv_many_timeout(&mut got, 9, short), Err(RecvTimeoutError::Timeout));
    assert_eq!(c.recv_many_timeout(&mut got, 0, long), Ok(0));
    let d = c.clone();
    let sender = go(move || d.send_many(&mut (0..9).collect()));
    while got.len() < 9 {
        assert!(c.recv_only().recv_many_timeout(&mut got, 9, long).is_ok_and(|count| count > 0));
    }
    sender.join().unwrap();
    assert!(got.iter().copied().eq(0..9));
    c.close();
    assert_eq!(c.recv_many_timeout(&mut got, 9, long), Err(RecvTimeoutError::Closed));
    let nil = Chan::<u32>::nil();
    assert_eq!(nil.recv_many_timeout(&mut got, 9, short), Err(RecvTimeoutError::Timeout));
    let (tx, rx) = channel(1);
    tx.send(7).unwrap();
    assert_eq!(rx.recv_many_timeout(&mut got, 9, long), Ok(1));
}

#[test]
fn a_timed_send_of_many_keeps_what_it_could_not_send() {
    let (no_time, long) = (Duration::ZERO, Duration::from_secs(3600));
    for cap in [0, 1, 10, 100] {
        let c = chan::<usize>(cap);
        let mut values: Vec<_> = (0..cap + 5).collect();
        assert_eq!(c.send_many_timeout(&mut values, no_time), Err(SendTimeoutError::Timeout(())));
        assert!(values.iter().copied().eq(cap..cap + 5) && c.len() == cap);
        let d = c.clone();
        let sender = go(move || (d.send_many_timeout(&mut values, long), values));
        assert!(c.iter().take(cap + 5).eq(0..cap + 5));
        assert_eq!(sender.join().unwrap(), (Ok(()), vec![]));
        c.send_many(&mut (0..cap).collect());
        let d = c.clone();
        let sender = go(move || {
            let mut values = vec![7, 8];
            (d.send_many_timeout(&mut values, long), values)
        });
        until_senders(&c, 1);
        c.close(); // I4
        assert_eq!(sender.join().unwrap(), (Err(SendTimeoutError::Closed(())), vec![7, 8]));
    }
    let nil = Chan::nil();
    assert_eq!(nil.send_many_timeout(&mut vec![], no_time), Ok(()));
    assert_eq!(nil.send_many_timeout(&mut vec![1], no_time), Err(SendTimeoutError::Timeout(())));
    let (tx, rx) = channel(1);
    drop(rx);
    assert_eq!(tx.send_many_timeout(&mut vec![1], long), Err(SendTimeoutError::Closed(())));
}
