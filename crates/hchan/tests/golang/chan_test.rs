//! From `runtime/chan_test.go`.

use crate::common::{go, until_receivers, until_senders};
use gaggle_hchan::{Chan, TryRecvError, TrySendError, chan, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn closed(cap: usize, filled: u32) -> Chan<u32> {
    let c = chan::<u32>(cap);
    (0..filled).for_each(|i| c.send(i));
    c.close();
    c
}

/// TestChan: I3, I4, I5, I11, I12, for every small capacity.
#[test]
fn test_chan() {
    for cap in 0..8_usize {
        let n = u32::try_from(cap).unwrap();
        empty_blocks_and_full_blocks(cap, n);
        let c = closed(cap, n);
        (0..n).for_each(|i| assert_eq!(c.recv(), Some(i)));
        assert_eq!((c.recv(), c.try_recv()), (None, Err(TryRecvError::Closed)));

        let c = chan::<u32>(cap); // close wakes a receiver
        let d = c.clone();
        let receiver = go(move || d.recv());
        until_receivers(&c, 1);
        c.close();
        assert_eq!(receiver.join().unwrap(), None);

        let c = chan::<u32>(cap); // first in, first out
        let d = c.clone();
        let sender = go(move || (0..100).for_each(|i| d.send(i)));
        (0..100).for_each(|i| assert_eq!(c.recv(), Some(i)));
        sender.join().unwrap();
        producers_and_consumers(cap);
        assert_eq!((chan::<u32>(cap).len(), chan::<u32>(cap).cap()), (0, cap));
    }
}

fn empty_blocks_and_full_blocks(cap: usize, n: u32) {
    let c = chan::<u32>(cap);
    assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
    select! { recv(c) -> _ => panic!("received from an empty channel"), default => {} }
    let d = c.clone();
    let receivers = [go(move || d.recv()), {
        let d = c.clone();
        go(move || d.recv())
    }];
    until_receivers(&c, 2);
    c.send(0);
    c.send(0);
    receivers.into_iter().for_each(|receiver| assert_eq!(receiver.join().unwrap(), Some(0)));

    (0..n).for_each(|i| c.send(i));
    assert_eq!(c.try_send(0), Err(TrySendError::Full(0)));
    select! { send(c, 0) => panic!("sent to a full channel"), default => {} }
    let d = c.clone();
    let sender = go(move || d.send(n));
    until_senders(&c, 1);
    (0..=n).for_each(|i| assert_eq!(c.recv(), Some(i)));
    sender.join().unwrap();
}

fn producers_and_consumers(cap: usize) {
    const P: usize = 4;
    const L: u32 = 200;
    let (c, done) = (chan::<u32>(cap), chan::<Vec<u32>>(0));
    for _ in 0..P {
        let d = c.clone();
        go(move || (0..L).for_each(|i| d.send(i)));
        let (d, done) = (c.clone(), done.clone());
        go(move || done.send((0..L).map(|_| d.recv().unwrap()).collect()));
    }
    let mut counts = vec![0; L as usize];
    for _ in 0..P {
        done.recv().unwrap().iter().for_each(|&v| counts[v as usize] += 1);
    }
    assert_eq!(counts, vec![P; L as usize]);
}

/// TestNonblockRecvRace: I14, I15.
#[test]
fn test_nonblock_recv_race() {
    for _ in 0..2000 {
        let c = chan::<u32>(1);
        c.send(1);
        let d = c.clone();
        let looker = go(move || select! { recv(d) -> _ => true, default => false });
        c.close();
        c.try_recv().ok();
        assert!(looker.join().unwrap(), "the channel was not ready");
    }
}

/// TestNonblockSelectRace: I14, J11.
#[test]
fn test_nonblock_select_race() {
    nonblock_select_race(|c2| c2.send(1));
}

/// TestNonblockSelectRace2: the same with close.
#[test]
fn test_nonblock_select_race2() {
    nonblock_select_race(Chan::close);
}

fn nonblock_select_race(make_ready: fn(&Chan<u32>)) {
    let rounds = chan::<(Chan<u32>, Chan<u32>)>(0);
    let done = chan::<bool>(1);
    let (todo, tell) = (rounds.clone(), done.clone());
    let looker = go(move || {
        for (c1, c2) in todo {
            tell.send(select! {
                recv(c1) -> _ => true,
                recv(c2) -> _ => true,
                default => false,
            });
        }
    });
    for _ in 0..20_000 {
        let (c1, c2) = (chan::<u32>(1), chan::<u32>(1));
        c1.send(1);
        rounds.send((c1.clone(), c2.clone()));
        make_ready(&c2);
        select! { recv(c1) -> _ => {}, default => {} }
        assert_eq!(done.recv(), Some(true), "no channel was ready");
    }
    rounds.close();
    looker.join().unwrap();
}

/// TestSelfSelect: J6, two threads send and receive on one channel in one select.
#[test]
fn test_self_select() {
    for cap in [0, 10] {
        let c = chan::<usize>(cap);
        let both: Vec<_> = (0..2)
            .map(|p| {
                let c = c.clone();
                go(move || {
                    for i in 0..1000 {
                        if p == 0 || i % 2 == 0 {
                            select! {
                                send(c, p) => {}
                                recv(c) -> v => assert!(cap > 0 || v != Some(p), "met itself"),
                            }
                        } else {
                            select! {
                                recv(c) -> v => assert!(cap > 0 || v != Some(p), "met itself"),
                                send(c, p) => {}
                            }
                        }
                    }
                })
            })
            .collect();
        both.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

/// TestSelectStress: J7, J12; plain and select partners on four channels.
#[test]
fn test_select_stress() {
    const N: usize = 2000;
    let c: [Chan<usize>; 4] = [chan(0), chan(0), chan(2), chan(3)];
    let mut threads = Vec::new();
    for c in &c {
        let d = c.clone();
        threads.push(go(move || (0..N).for_each(|_| d.send(0))));
        let d = c.clone();
        threads.push(go(move || (0..N).for_each(|_| assert!(d.recv().is_some()))));
    }
    let d = c.clone();
    threads.push(go(move || {
        stress(&d, |c| {
            select! {
                send(c[0], 0) => 0, send(c[1], 0) => 1, send(c[2], 0) => 2, send(c[3], 0) => 3,
            }
        })
    }));
    threads.push(go(move || stress(&c, |c| select! {
        recv(c[0]) -> _ => 0, recv(c[1]) -> _ => 1, recv(c[2]) -> _ => 2, recv(c[3]) -> _ => 3,
    })));
    threads.into_iter().for_each(|thread| thread.join().unwrap());

    /// Runs `one` until each channel had its `N`; then that channel is nil.
    fn stress(c: &[Chan<usize>; 4], one: fn(&[Chan<usize>; 4]) -> usize) {
        let (mut c, mut counts) = (c.clone(), [0; 4]);
        for _ in 0..4 * N {
            let k = one(&c);
            counts[k] += 1;
            if counts[k] == N {
                c[k] = Chan::nil();
            }
        }
    }
}

/// TestSelectFairness: J2; two ready channels among four, ten standard deviations.
#[test]
fn test_select_fairness() {
    const TRIALS: u32 = 10_000;
    let (c1, c2) = (chan::<u32>(TRIALS as usize + 1), chan::<u32>(TRIALS as usize + 1));
    (0..=TRIALS).for_each(|i| {
        c1.send(i);
        c2.send(i);
    });
    let (c3, c4) = (chan::<u32>(0), chan::<u32>(0));
    let (out, done) = (chan::<u32>(0), chan::<()>(0));
    let (o, d) = (out.clone(), done.clone());
    let mixer = go(move || {
        loop {
            let which = select! {
                recv(c3) -> _ => 3,
                recv(c4) -> _ => 4,
                recv(c1) -> _ => 1,
                recv(c2) -> _ => 2,
            };
            select! { send(o, which) => {}, recv(d) -> _ => return }
        }
    });
    let (mut ones, mut twos) = (0_u32, 0_u32);
    for _ in 0..TRIALS {
        match out.recv() {
            Some(1) => ones += 1,
            Some(2) => twos += 1,
            other => panic!("{other:?} is never ready"),
        }
    }
    done.close();
    mixer.join().unwrap();
    // Sigma is 50.
    assert!(ones.abs_diff(TRIALS / 2) < 500, "{ones} and {twos}");
}

/// TestPseudoRandomSend: J2, both orders of two sends to one channel come up.
#[test]
fn test_pseudo_random_send() {
    const N: usize = 1000;
    for cap in [0, N] {
        let c = chan::<usize>(cap);
        let d = c.clone();
        let receiver = go(move || (0..N).map(|_| d.recv().unwrap()).sum::<usize>());
        for _ in 0..N {
            select! { send(c, 1) => {}, send(c, 0) => {} }
        }
        let ones = receiver.join().unwrap();
        assert!((N / 10..=N - N / 10).contains(&ones), "{ones} of {N}");
    }
}

/// TestMultiConsumer: J12; count and sum are exact, close cascades.
#[test]
fn test_multi_consumer() {
    const WORKERS: usize = 11;
    const N: u64 = 20_000;
    let (q, r) = (chan::<u64>(WORKERS * 3), chan::<u64>(WORKERS * 3));
    let left = Arc::new(AtomicU32::new(WORKERS as u32));
    for i in 0..WORKERS {
        let (q, r, left) = (q.clone(), r.clone(), Arc::clone(&left));
        go(move || {
            for v in q {
                if v % 7 == i as u64 % 7 {
                    std::thread::yield_now();
                }
                r.send(v);
            }
            if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                r.close();
            }
        });
    }
    let expected: u64 = (0..N).sum();
    go(move || {
        (0..N).for_each(|i| q.send(i));
        q.close();
    });
    let (mut count, mut sum) = (0, 0);
    for v in r {
        count += 1;
        sum += v;
    }
    assert_eq!((count, sum), (N, expected));
}

/// TestSelectDuplicateChannel: J7, the waiter behind a select that named a channel twice.
#[test]
fn test_select_duplicate_channel() {
    let (c, d, e) = (chan::<u32>(0), chan::<u32>(0), chan::<u32>(0));
    let (c1, d1, e1) = (c.clone(), d.clone(), e.clone());
    let first = go(move || {
        select! {
            recv(c1) -> _ => {}
            recv(d1) -> _ => {}
            recv(e1) -> _ => {}
            recv(c1) -> _ => {}
        }
        e1.send(9);
    });
    until_receivers(&c, 2);
    let c2 = c.clone();
    let behind = go(move || c2.recv());
    until_receivers(&c, 3);
    d.send(7); // the first leaves, with both its nodes
    assert_eq!(e.recv(), Some(9));
    until_receivers(&c, 1);
    c.send(8);
    assert_eq!(behind.join().unwrap(), Some(8));
    first.join().unwrap();
}
