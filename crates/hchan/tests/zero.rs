//! Unbuffered channels.

mod common;

use common::{go, until_receivers, until_senders};
use gaggle_hchan::{RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError, chan};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[test]
fn a_send_meets_a_receive() {
    // I6
    let c = chan::<u32>(0);
    let d = c.clone();
    let sender = go(move || (0..1000).for_each(|i| d.send(i)));
    (0..1000).for_each(|i| assert_eq!(c.recv(), Some(i)));
    sender.join().unwrap();
    assert_eq!((c.len(), c.cap()), (0, 0)); // I11
}

#[test]
fn a_send_completes_only_when_taken() {
    // I6, Y9
    let c = chan::<u32>(0);
    let taken = Arc::new(AtomicBool::new(false));
    let (d, seen) = (c.clone(), Arc::clone(&taken));
    let sender = go(move || {
        d.send(1);
        seen.load(Ordering::Relaxed)
    });
    until_senders(&c, 1);
    taken.store(true, Ordering::Relaxed);
    assert_eq!(c.recv(), Some(1));
    assert!(sender.join().unwrap());
}

#[test]
fn a_waiting_receiver_gets_the_value_of_a_try_send() {
    // I7, I14
    let c = chan::<u32>(0);
    assert_eq!(c.try_send(1), Err(TrySendError::Full(1)));
    let d = c.clone();
    let receiver = go(move || d.recv());
    until_receivers(&c, 1);
    assert_eq!(c.try_send(2), Ok(()));
    assert_eq!(receiver.join().unwrap(), Some(2));
}

#[test]
fn a_waiting_sender_gives_its_value_to_a_try_recv() {
    // I7, I14
    let c = chan::<u32>(0);
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
    let d = c.clone();
    let sender = go(move || d.send(3));
    until_senders(&c, 1);
    assert_eq!(c.try_recv(), Ok(3));
    sender.join().unwrap();
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn time_limits_pass_without_a_partner_and_leave_nobody_in_the_line() {
    let c = chan::<u32>(0);
    let short = Duration::from_millis(2);
    assert_eq!(c.recv_timeout(short), Err(RecvTimeoutError::Timeout));
    assert_eq!(c.send_timeout(4, short), Err(SendTimeoutError::Timeout(4)));
    until_receivers(&c, 0);
    until_senders(&c, 0);
    assert_eq!(c.try_send(5), Err(TrySendError::Full(5)));
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn a_partner_in_time_ends_a_timed_wait() {
    let c = chan::<u32>(0);
    let long = Duration::from_secs(60);
    let d = c.clone();
    let receiver = go(move || d.recv_timeout(long));
    until_receivers(&c, 1);
    c.send(6);
    assert_eq!(receiver.join().unwrap(), Ok(6));

    let d = c.clone();
    let sender = go(move || d.send_timeout(7, long));
    until_senders(&c, 1);
    assert_eq!(c.recv(), Some(7));
    assert_eq!(sender.join().unwrap(), Ok(()));
}

#[test]
fn no_value_is_lost_or_doubled_between_timed_partners() {
    // J12 in spirit: time-out and partner race for one winner.
    const ROUNDS: u64 = 3000;
    let c = chan::<u64>(0);
    let d = c.clone();
    let sender = go(move || {
        let mut sent = 0_u64;
        for i in 0..ROUNDS {
            if d.send_timeout(i, Duration::from_micros(i % 60)).is_ok() {
                sent += 1;
            }
        }
        d.close();
        sent
    });
    let (mut got, mut last) = (0_u64, None);
    loop {
        match c.recv_timeout(Duration::from_micros(got % 50)) {
            Ok(value) => {
                assert!(last < Some(value));
                last = Some(value);
                got += 1;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Closed) => break,
        }
    }
    assert_eq!(got, sender.join().unwrap());
}
