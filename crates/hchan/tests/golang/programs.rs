//! From `test/chan/*.go` and `test/closedchan.go`: stand-alone programs about plain channels.

use crate::env::{CHAIN, go};
use crate::tools::{panic_of, until_senders, upto};
use gaggle_hchan::{Chan, RecvOnly, SendOnly, TryRecvError, TrySendError, chan, select};

tests! { fifo goroutines nonblock perm sendstmt sieve1 sieve2 zerosize closedchan }

/// chan/fifo.go: I5, I7; first in first out, buffered, and along a chain that passes the turn on.
fn fifo(cap: usize) {
    const N: u32 = 10;
    let c = chan::<u32>(cap);
    upto(cap).for_each(|i| c.send(i));
    upto(cap).for_each(|i| assert_eq!(c.recv(), Some(i)));

    let (values, first) = (chan::<u32>(cap), chan::<()>(0));
    let mut turn = first.clone();
    for i in 0..N {
        let (my, next, values) = (turn, chan::<()>(0), values.clone());
        turn = next.clone();
        drop(go(move || {
            my.recv();
            assert_eq!(values.recv(), Some(i));
            next.send(());
        }));
    }
    first.send(());
    (0..N).for_each(|i| values.send(i));
    turn.recv();
}

/// chan/goroutines.go: I6, I7; a chain hands one value on.
fn goroutines(cap: usize) {
    let leftmost = chan::<usize>(cap);
    let mut left = leftmost.clone();
    for _ in 0..CHAIN {
        let (out, right) = (left, chan::<usize>(cap));
        left = right.clone();
        drop(go(move || out.send(right.recv().unwrap() + 1)));
    }
    left.send(0);
    assert_eq!(leftmost.recv(), Some(CHAIN));
}

/// chan/nonblock.go: I14; forms that do not wait, against blocked peers.
fn nonblock(cap: usize) {
    fn with<T: Clone + PartialEq + std::fmt::Debug + Send + 'static>(cap: usize, value: T) {
        let c = chan::<T>(cap);
        assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
        select! { recv(c) -> _ => panic!("it is empty"), default => {} }
        (0..cap).for_each(|_| assert_eq!(c.try_send(value.clone()), Ok(())));
        assert_eq!(c.try_send(value.clone()), Err(TrySendError::Full(value.clone())));
        select! { send(c, value.clone()) => panic!("it is full"), default => {} }
        let (d, v) = (c.clone(), value.clone());
        let sender = go(move || d.send(v));
        until_senders(&c, 1);
        (0..=cap).for_each(|_| assert_eq!(c.try_recv(), Ok(value.clone())));
        assert_eq!(c.try_recv(), Err(TryRecvError::Empty));
        sender.join().unwrap();
    }
    with(cap, 1_i32);
    with(cap, true);
    with(cap, "text".to_owned());
    with(cap, (1_u8, 2_u64));
}

/// chan/perm.go: I16, I18; what each direction may do. What it may not is refused by the compiler:
/// see the `compile_fail` examples of `SendOnly` and `RecvOnly`.
fn perm(cap: usize) {
    let c = chan::<u32>(cap);
    let (out, inn): (SendOnly<u32>, RecvOnly<u32>) = (c.clone().into(), (&c).into());
    assert!(out == c && inn == c);
    let sender = go(move || {
        out.send(1);
        select! { send(out, 2) => {} }
        assert!(out.send_or_closed(3).is_ok());
        out.close();
    });
    assert_eq!(inn.recv(), Some(1));
    assert_eq!(select! { recv(inn) -> v => v }, Some(2));
    assert_eq!((inn.cap(), inn.iter().collect::<Vec<_>>()), (cap, vec![3]));
    sender.join().unwrap();
}

/// chan/sendstmt.go: I17, I18; what is sent may be any expression, also one that sends, and a
/// channel may carry channels.
fn sendstmt(cap: usize) {
    let (chans, bools) = (chan::<Chan<bool>>(cap.max(1)), chan::<bool>(1));
    chans.send(bools.clone());
    chans.recv().unwrap().send(1 < 2 && bools.len() == 0);
    assert_eq!(bools.recv(), Some(true));
    let (a, b) = (chan::<u32>(cap.max(1)), chan::<u32>(cap.max(1)));
    a.send({
        b.send(7);
        b.recv().unwrap() + 1
    });
    assert_eq!(a.recv(), Some(8));
}

const PRIMES: [u32; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

/// chan/sieve1.go: I6, I13; a pipeline that grows; the first primes.
fn sieve1(cap: usize) {
    let primes = chan::<u32>(cap);
    let out = primes.clone();
    drop(go(move || {
        let mut numbers = chan::<u32>(cap);
        let first = numbers.clone();
        drop(go(move || (2..).try_for_each(|n| first.send_or_closed(n))));
        for _ in PRIMES {
            let prime = numbers.recv().unwrap();
            out.send(prime);
            let (sieve, next) = (numbers, chan::<u32>(cap));
            numbers = next.clone();
            drop(go(move || filter(&sieve, &next, prime)));
        }
        numbers.close();
        out.close();
    }));
    assert_eq!(primes.iter().collect::<Vec<_>>(), PRIMES);
}

/// Hands on what `prime` does not divide; ends both sides once nobody wants more.
fn filter(sieve: &Chan<u32>, next: &Chan<u32>, prime: u32) {
    for n in sieve {
        if n % prime != 0 && next.send_or_closed(n).is_err() {
            sieve.close();
            return;
        }
    }
}

/// chan/sieve2.go: I18; the same by a merge: each prime's multiples come on a channel, and what
/// is in none of them is prime.
fn sieve2(cap: usize) {
    let stop = chan::<()>(0);
    let multiples = |prime: u32| {
        let (out, stop) = (chan::<u32>(cap), stop.clone());
        let c = out.clone();
        drop(go(move || {
            for n in (1..).map(|i| i * prime) {
                select! { send(out, n) => {}, recv(stop) -> _ => return }
            }
        }));
        (c.recv().unwrap(), c)
    };
    let mut found = Vec::new();
    let mut heads: Vec<(u32, Chan<u32>)> = Vec::new();
    for n in 2.. {
        if found.len() == PRIMES.len() {
            break;
        }
        let mut composite = false;
        for (head, c) in &mut heads {
            while *head < n {
                *head = c.recv().unwrap();
            }
            composite |= *head == n;
        }
        if !composite {
            found.push(n);
            heads.push(multiples(n));
        }
    }
    stop.close();
    assert_eq!(found, PRIMES);
}

/// chan/zerosize.go: I19, I1; the capacity counts values, however small.
fn zerosize(cap: usize) {
    let c = chan::<[u8; 0]>((1 << 40) + cap);
    (0..cap + 1).for_each(|_| c.send([]));
    assert_eq!((c.len(), c.cap(), c.recv()), (cap + 1, (1 << 40) + cap, Some([])));
    let d = chan::<()>(cap);
    (0..cap).for_each(|_| d.send(()));
    assert_eq!(d.try_send(()), Err(TrySendError::Full(())));
    assert_eq!((0..cap).filter_map(|_| d.recv()).count(), cap);
    assert_eq!(d.try_recv(), Err(TryRecvError::Empty));
}

/// closedchan.go: I3, I12, J5; everything on closed channels, plain, by select and without
/// waiting.
fn closedchan(cap: usize) {
    let c = chan::<u32>(cap);
    upto(cap).for_each(|i| c.send(i));
    c.close();
    for i in upto(cap) {
        let got = match i % 3 {
            0 => c.recv(),
            1 => c.try_recv().ok(),
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
