//! From `test/chan/*.go`, `test/closedchan.go` and `test/ken/chan*.go`.

use crate::common::{Random, go, panic_of, until_senders};
use gaggle_hchan::{Chan, TryRecvError, TrySendError, chan, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// chan/doubleselect.go: J7, J12; one winner among four cases, no value twice.
#[test]
fn doubleselect() {
    const N: u64 = 10_000;
    let c: [Chan<u64>; 4] = std::array::from_fn(|_| chan(0));
    let d = c.clone();
    let sender = go(move || {
        for i in 0..N {
            select! {
                send(d[0], i) => {}
                send(d[1], i) => {}
                send(d[2], i) => {}
                send(d[3], i) => {}
            }
        }
        d.iter().for_each(Chan::close);
    });
    let all = chan::<Option<u64>>(0);
    for c in c {
        let all = all.clone();
        go(move || {
            c.iter().for_each(|v| all.send(Some(v)));
            all.send(None);
        });
    }
    let (mut seen, mut ended) = (vec![false; N as usize], 0);
    while ended < 4 {
        match all.recv().unwrap() {
            Some(v) => assert!(!std::mem::replace(&mut seen[v as usize], true), "{v} twice"),
            None => ended += 1,
        }
    }
    assert!(seen.into_iter().all(|seen| seen));
    sender.join().unwrap();
}

/// chan/fifo.go: I5, I7; a chain of threads passes the turn on.
#[test]
fn fifo() {
    const N: u32 = 10;
    let c = chan::<u32>(N as usize);
    (0..N).for_each(|i| c.send(i));
    (0..N).for_each(|i| assert_eq!(c.recv(), Some(i)));

    let (values, first) = (chan::<u32>(0), chan::<()>(0));
    let mut turn = first.clone();
    for i in 0..N {
        let (my, next, values) = (turn, chan::<()>(0), values.clone());
        turn = next.clone();
        go(move || {
            my.recv();
            assert_eq!(values.recv(), Some(i));
            next.send(());
        });
    }
    first.send(());
    (0..N).for_each(|i| values.send(i));
    turn.recv();
}

/// chan/nonblock.go: I14; forms that do not wait, against blocked peers.
#[test]
fn nonblock() {
    fn with<T: Clone + PartialEq + std::fmt::Debug + Send + 'static>(value: T) {
        for cap in [0, 1] {
            let c = chan::<T>(cap);
            assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
            if cap > 0 {
                assert_eq!(c.try_send(value.clone()), Ok(()));
            }
            assert_eq!(c.try_send(value.clone()), Err(TrySendError::Full(value.clone())));
            let (d, v) = (c.clone(), value.clone());
            let sender = go(move || d.send(v));
            until_senders(&c, 1);
            (0..=cap).for_each(|_| assert_eq!(c.try_recv(), Ok(value.clone())));
            assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
            sender.join().unwrap();
        }
    }
    with(1_i32);
    with(true);
    with("text".to_owned());
    with((1_u8, 2_u64));
}

/// chan/select3.go: I2, I3, J3, J4, J5; what blocks, what does not, what panics.
#[test]
fn select3() {
    let (nil, closed) = (Chan::<u32>::nil(), chan::<u32>(1));
    closed.close();
    let (empty, full) = (chan::<u32>(0), chan::<u32>(1));
    full.send(1);
    // With default, nothing blocks; `false` is the default.
    let poll_recv = |c: &Chan<u32>| select! { recv(c) -> _ => true, default => false };
    let poll_send = |c: &Chan<u32>| select! { send(c, 1) => true, default => false };
    assert!(!poll_recv(&nil) && !poll_send(&nil));
    assert!(!poll_recv(&empty) && !poll_send(&empty) && !poll_send(&full));
    assert!(poll_recv(&closed) && poll_recv(&full));
    assert!(poll_send(&full));
    assert_eq!(panic_of(|| poll_send(&closed)), "send on closed channel");
    // Two cases of which one is ready do not block.
    select! { recv(nil) -> _ => panic!(), recv(closed) -> v => assert_eq!(v, None) }
    select! { recv(empty) -> _ => panic!(), recv(full) -> v => assert_eq!(v, Some(1)) }
    select! { send(empty, 1) => panic!(), send(full, 2) => {} }
    select! { send(full, 3) => panic!(), recv(full) -> v => assert_eq!(v, Some(2)) }
}

/// chan/select6.go: J7; a losing select at the tail of a line must not break later waiters.
#[test]
fn select6() {
    let (c1, c2, c3, c4) = (chan::<u32>(0), chan::<u32>(0), chan::<u32>(0), chan::<u32>(0));
    let (a, x) = (c1.clone(), c3.clone());
    go(move || {
        a.recv();
        x.send(1)
    });
    let (a, b, x) = (c1.clone(), c2.clone(), c3.clone());
    go(move || {
        select! {
            recv(a) -> _ => panic!("served out of turn"),
            recv(b) -> _ => x.send(2),
        }
    });
    crate::common::until_receivers(&c1, 2);
    c2.send(0); // the tail of c1's line goes
    assert_eq!(c3.recv(), Some(2));
    let (a, x) = (c1.clone(), c4.clone());
    go(move || {
        a.recv();
        x.send(3)
    });
    crate::common::until_receivers(&c1, 2);
    c1.send(0);
    c1.send(0);
    assert_eq!((c3.recv(), c4.recv()), (Some(1), Some(3)));
}

/// chan/select7.go: kinds of receive against kinds of send.
#[test]
fn select7() {
    let receives: [fn(&Chan<u32>); 3] = [
        |c| assert_eq!(c.recv(), Some(1)),
        |c| select! { recv(c) -> v => assert_eq!(v, Some(1)) },
        |c| {
            let never = chan::<u32>(0);
            select! { recv(c) -> v => assert_eq!(v, Some(1)), recv(never) -> _ => panic!() }
        },
    ];
    let sends: [fn(&Chan<u32>); 3] = [
        |c| c.send(1),
        |c| select! { send(c, 1) => {} },
        |c| {
            let never = chan::<u32>(0);
            select! { send(c, 1) => {}, send(never, 2) => panic!() }
        },
    ];
    for receive in receives {
        for send in sends {
            let c = chan::<u32>(0);
            let d = c.clone();
            let sender = go(move || send(&d));
            receive(&c);
            sender.join().unwrap();
        }
    }
}

/// chan/sieve1.go: a pipeline that grows; the first primes.
#[test]
fn sieve1() {
    let primes = chan::<u32>(0);
    let out = primes.clone();
    go(move || {
        let mut numbers = chan::<u32>(0);
        let first = numbers.clone();
        go(move || (2..).try_for_each(|n| first.send_or_closed(n)));
        for _ in 0..20 {
            let prime = numbers.recv().unwrap();
            out.send(prime);
            let (sieve, next) = (numbers, chan::<u32>(0));
            numbers = next.clone();
            go(move || {
                for n in &sieve {
                    if n % prime != 0 && next.send_or_closed(n).is_err() {
                        sieve.close();
                        return;
                    }
                }
            });
        }
        numbers.close();
        out.close();
    });
    let expected = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71];
    assert_eq!(primes.iter().collect::<Vec<_>>(), expected);
}

/// chan/zerosize.go: I19.
#[test]
fn zerosize() {
    let c = chan::<[u8; 0]>(1 << 40);
    c.send([]);
    assert_eq!((c.len(), c.recv()), (1, Some([])));
}

/// closedchan.go: I3; everything on closed channels, plain, by select and without waiting.
#[test]
fn closedchan() {
    for cap in [0, 2] {
        let c = chan::<u32>(cap);
        (1..=u32::try_from(cap).unwrap()).for_each(|i| c.send(i));
        c.close();
        for i in 1..=u32::try_from(cap).unwrap() {
            let got = match i % 2 {
                0 => c.recv(),
                _ => select! { recv(c) -> v => v },
            };
            assert_eq!(got, Some(i));
        }
        for _ in 0..3 {
            assert_eq!(c.recv(), None);
            assert_eq!(c.try_recv(), Err(TryRecvError::Closed));
            assert_eq!(select! { recv(c) -> v => v }, None);
            assert_eq!(select! { recv(c) -> v => v, default => Some(0) }, None);
        }
        let sends: [fn(&Chan<u32>); 3] = [
            |c| c.send(2),
            |c| select! { send(c, 2) => {} },
            |c| select! { send(c, 2) => {}, default => {} },
        ];
        sends.iter().for_each(|send| assert_eq!(panic_of(|| send(&c)), "send on closed channel"));
        assert_eq!(panic_of(|| c.close()), "close of closed channel");
        assert!(matches!(c.try_send(2), Err(TrySendError::Closed(2))));
    }
}

/// ken/chan.go: J7, J12; a mesh of senders and receivers, plain and by select, with a sequence
/// number per channel.
#[test]
fn ken_chan() {
    const CHANNELS: usize = 3;
    const EACH: u64 = 1500;
    let mut random = Random::new(7);
    for cap in [0, 1, 10] {
        let c: [Chan<u64>; CHANNELS] = std::array::from_fn(|_| chan(cap));
        let total = Arc::new(AtomicU64::new(0));
        let mut threads = Vec::new();
        for c in &c {
            let c = c.clone();
            threads.push(go(move || (1..=EACH).for_each(|i| c.send(i))));
        }
        for _ in 0..CHANNELS {
            let (c, total) = (c.clone(), Arc::clone(&total));
            let turn = random.below(3) as usize;
            threads.push(go(move || {
                let mut last = [0; CHANNELS];
                for _ in 0..EACH {
                    let (k, v) = select! {
                        recv(c[turn]) -> v => (turn, v),
                        recv(c[(turn + 1) % 3]) -> v => ((turn + 1) % 3, v),
                        recv(c[(turn + 2) % 3]) -> v => ((turn + 2) % 3, v),
                    };
                    let v = v.unwrap();
                    assert!(v > last[k], "out of order: {v} after {}", last[k]);
                    last[k] = v;
                    total.fetch_add(v, Ordering::Relaxed);
                }
            }));
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let sum = CHANNELS as u64 * EACH * (EACH + 1) / 2;
        assert_eq!(total.load(Ordering::Relaxed), sum);
    }
}

/// ken/chan1.go: J12; contended receives take each value once.
#[test]
fn ken_chan1() {
    const N: u32 = 1000;
    const M: u32 = 10;
    let c = chan::<u32>(0);
    let receivers: Vec<_> = (0..M)
        .map(|_| {
            let c = c.clone();
            go(move || c.iter().collect::<Vec<_>>())
        })
        .collect();
    (0..N).for_each(|i| c.send(i));
    c.close();
    let mut all: Vec<u32> =
        receivers.into_iter().flat_map(|receiver| receiver.join().unwrap()).collect();
    all.sort_unstable();
    assert_eq!(all, (0..N).collect::<Vec<_>>());
}
