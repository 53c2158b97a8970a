//! Closing, and what a closed channel does.

mod common;

use common::{go, panic_of, until_receivers, until_senders};
use gaggle_hchan::{
    RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError, chan, select,
};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

#[test]
fn recv_from_closed_drains_buffered_values_first() {
    // I3, I12
    let c = chan::<u32>(3);
    c.send(1);
    c.send(2);
    c.close();
    assert_eq!((c.recv(), c.try_recv(), c.recv()), (Some(1), Ok(2), None));
    assert_eq!((c.recv(), c.try_recv()), (None, Err(TryRecvError::Closed)));
    assert_eq!(c.recv_timeout(LONG), Err(RecvTimeoutError::Closed));
}

#[test]
fn range_ends_when_closed_and_drained() {
    // I13
    let c = chan::<u32>(3);
    (0..3).for_each(|i| c.send(i));
    c.close();
    assert_eq!((&c).into_iter().collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(c.into_iter().next(), None);
}

#[test]
fn sends_and_closes_of_a_closed_channel_panic_with_gos_texts() {
    // I3, J5
    for cap in [0, 1] {
        let c = chan::<u32>(cap);
        c.close();
        assert_eq!(panic_of(|| c.send(1)), "send on closed channel");
        assert_eq!(panic_of(|| c.close()), "close of closed channel");
        assert_eq!(panic_of(|| select! { send(c, 1) => {} }), "send on closed channel");
        let with_default = || select! { send(c, 1) => {}, default => {} };
        assert_eq!(panic_of(with_default), "send on closed channel");
        let other = chan::<u32>(0);
        let of_two = || select! { send(c, 1) => {}, recv(other) -> _ => {} };
        assert_eq!(panic_of(of_two), "send on closed channel");
    }
}

#[test]
fn forms_that_do_not_panic_hand_the_value_back() {
    // I3
    let c = chan::<u32>(1);
    c.close();
    assert_eq!(c.send_or_closed(1), Err(SendError(1)));
    assert_eq!(c.try_send(2), Err(TrySendError::Closed(2)));
    assert_eq!(c.send_timeout(3, LONG), Err(SendTimeoutError::Closed(3)));
    assert_eq!(select! { send(c, 4) -> sent => sent }, Err(SendError(4)));
    assert!(!c.try_close());
}

#[test]
fn close_wakes_every_waiting_receiver() {
    // I4
    let c = chan::<u32>(0);
    let (never, mut all) = (chan::<u32>(0), Vec::new());
    for i in 0..6 {
        let (c, never) = (c.clone(), never.clone());
        all.push(go(move || match i % 3 {
            0 => c.recv(),
            1 => c.recv_timeout(LONG).ok(),
            _ => select! { recv(c) -> v => v, recv(never) -> v => v },
        }));
    }
    until_receivers(&c, 6);
    c.close();
    all.into_iter().for_each(|waiter| assert_eq!(waiter.join().unwrap(), None));
    until_receivers(&never, 0);
}

#[test]
fn close_makes_every_waiting_sender_panic() {
    // I4, J5
    for cap in [0, 1] {
        let (c, never) = (chan::<u32>(cap), chan::<u32>(0));
        (0..u32::try_from(cap).unwrap()).for_each(|i| c.send(i));
        let mut all = Vec::new();
        for i in 0..4 {
            let (c, never) = (c.clone(), never.clone());
            all.push(go(move || match i % 4 {
                0 => panic_of(|| c.send(9)),
                1 => panic_of(|| select! { send(c, 9) => {}, recv(never) -> _ => {} }),
                2 => c.send_or_closed(9).unwrap_err().to_string(),
                _ => c.send_timeout(9, LONG).unwrap_err().to_string(),
            }));
        }
        until_senders(&c, 4);
        c.close();
        for waiter in all {
            assert_eq!(waiter.join().unwrap(), "send on closed channel");
        }
        assert_eq!(c.len(), cap); // what was in the buffer stays (I3)
        assert_eq!(c.iter().count(), cap);
    }
}

#[test]
fn one_of_many_closers_wins() {
    for _ in 0..50 {
        let c = chan::<u32>(0);
        let closers: Vec<_> = (0..4)
            .map(|_| {
                let c = c.clone();
                go(move || u32::from(c.try_close()))
            })
            .collect();
        assert_eq!(closers.into_iter().map(|closer| closer.join().unwrap()).sum::<u32>(), 1);
    }
}

#[test]
fn what_came_before_close_is_seen_after_a_receive_that_found_it_closed() {
    // Y8
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    for _ in 0..500 {
        let (c, data) = (chan::<()>(0), Arc::new(AtomicU32::new(0)));
        let (d, place) = (c.clone(), Arc::clone(&data));
        let closer = go(move || {
            place.store(1, Ordering::Relaxed);
            d.close();
        });
        while c.try_recv() != Err(TryRecvError::Closed) {
            std::thread::yield_now();
        }
        assert_eq!(data.load(Ordering::Relaxed), 1);
        closer.join().unwrap();
    }
}

#[test]
fn debug_tells_len_cap_waiters_and_closed() {
    let c = chan::<u32>(2);
    c.send(1);
    c.close();
    let text = "{ len: 1, cap: 2, senders_waiting: 0, receivers_waiting: 0, closed: true }";
    assert_eq!(format!("{c:?}"), format!("Chan {text}"));
    assert_eq!(format!("{:?}", c.recv_only()), format!("RecvOnly {text}"));
}
