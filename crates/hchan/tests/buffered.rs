//! Buffered channels.

mod common;

use common::{go, until_receivers, until_senders};
use gaggle_hchan::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError, chan, channel};
use std::time::Duration;

#[test]
fn values_come_out_in_the_order_they_went_in() {
    // I5
    let c = chan::<u32>(3);
    for round in 0..10 {
        (0..3).for_each(|i| c.send(round + i));
        (0..3).for_each(|i| assert_eq!(c.recv(), Some(round + i)));
    }
}

#[test]
fn len_and_cap_count_values() {
    // I11
    let c = chan::<u32>(2);
    assert_eq!((c.len(), c.cap()), (0, 2));
    c.send(1);
    assert_eq!(c.len(), 1);
    c.send(2);
    assert_eq!((c.len(), c.cap()), (2, 2));
    assert_eq!(c.recv(), Some(1));
    assert_eq!(c.len(), 1);
}

#[test]
fn a_full_channel_refuses_and_an_empty_one_has_nothing() {
    // I5
    let c = chan::<u32>(1);
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
    assert_eq!(c.try_send(1), Ok(()));
    assert_eq!(c.try_send(2), Err(TrySendError::Full(2)));
    assert_eq!(c.try_recv(), Ok(1));
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_receive_from_a_full_channel_lets_the_first_waiting_sender_in_at_the_tail() {
    // I7, I8
    let c = chan::<u32>(2);
    c.send(0);
    c.send(1);
    let senders: Vec<_> = (2..5)
        .map(|i| {
            let d = c.clone();
            let sender = go(move || d.send(i));
            until_senders(&c, usize::try_from(i - 1).unwrap());
            sender
        })
        .collect();
    (0..5).for_each(|i| assert_eq!(c.recv(), Some(i)));
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    assert_eq!(c.len(), 0);
}

#[test]
fn a_value_goes_past_the_buffer_to_a_waiting_receiver() {
    // I7
    let c = chan::<u32>(4);
    let d = c.clone();
    let receiver = go(move || d.recv());
    until_receivers(&c, 1);
    c.send(1);
    assert_eq!(c.len(), 0); // nobody can take it any more
    assert_eq!(receiver.join().unwrap(), Some(1));
}

#[test]
fn time_limits_on_full_and_empty_channels() {
    let c = chan::<u32>(1);
    let short = Duration::from_millis(2);
    assert_eq!(c.recv_timeout(short), Err(RecvTimeoutError::Timeout));
    assert_eq!(c.send_timeout(1, short), Ok(()));
    assert_eq!(c.send_timeout(2, short), Err(SendTimeoutError::Timeout(2)));
    assert_eq!(c.recv_timeout(short), Ok(1));
    assert_eq!(c.len(), 0);
    assert_eq!(c.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
}

#[test]
fn a_capacity_no_memory_could_hold_is_refused() {
    // I1
    let texts = [
        common::panic_of(|| chan::<u64>(usize::MAX)),
        common::panic_of(|| chan::<u64>(1 << 60)),
        common::panic_of(|| chan::<u8>(1 << 49)),
        common::panic_of(|| chan::<u8>(1 << 48)),
        common::panic_of(|| chan::<u8>((1 << 48) - 95)),
        common::panic_of(|| chan::<u64>(1 << 45)),
        common::panic_of(|| chan::<()>(usize::MAX)),
        common::panic_of(|| channel::<u64>(usize::MAX)),
    ];
    texts.iter().for_each(|text| assert_eq!(text, "makechan: size out of range"));
}

#[test]
fn a_buffered_channel_counts_like_a_semaphore() {
    // Y10: never more than C inside.
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let permits = chan::<()>(2);
    let inside = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (permits, inside) = (permits.clone(), Arc::clone(&inside));
            go(move || {
                for _ in 0..200 {
                    permits.send(());
                    assert!(inside.fetch_add(1, Ordering::Relaxed) < 2);
                    std::thread::yield_now();
                    inside.fetch_sub(1, Ordering::Relaxed);
                    assert_eq!(permits.recv(), Some(()));
                }
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().unwrap());
}

#[test]
fn what_is_there_now_can_be_taken_without_waiting_for_more() {
    // I5, I8: waiting senders are served too.
    let c = chan(2);
    c.send(1);
    c.send(2);
    let d = c.clone();
    let sender = go(move || d.send(3));
    until_senders(&c, 1);
    assert_eq!(c.recv_only().try_iter().collect::<Vec<_>>(), [1, 2, 3]);
    sender.join().unwrap();
    assert_eq!(c.try_iter().next(), None);
    let (tx, rx) = gaggle_hchan::channel(1);
    tx.send(4).unwrap();
    assert_eq!(rx.try_iter().sum::<u32>(), 4);
    assert_eq!(gaggle_hchan::Chan::<u32>::nil().try_iter().count(), 0); // I2
}
