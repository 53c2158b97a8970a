//! From `runtime/chan_test.go`: plain operations, and forms that do not wait.

use crate::env::{Handle, go, yield_now};
use crate::tools::{until, until_receivers, until_senders, upto};
use gaggle_hchan::{Chan, TryRecvError, TrySendError, chan, select};
use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

tests! {
    test_chan test_nonblock_recv_race test_nonblock_select_race test_nonblock_select_race2
    test_chan_send_interface test_multi_consumer test_shrink_stack_during_blocked_send
    test_no_shrink_stack_while_parking
}

fn closed(cap: usize) -> Chan<u32> {
    let c = chan::<u32>(cap);
    upto(cap).for_each(|i| c.send(i));
    c.close();
    c
}

/// TestChan: I3, I4, I5, I6, I11, I12, J12.
fn test_chan(cap: usize) {
    empty_blocks_and_full_blocks(cap);
    let c = closed(cap);
    assert_eq!((c.len(), c.cap()), (cap, cap));
    upto(cap).for_each(|i| assert_eq!(c.recv(), Some(i)));
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

fn empty_blocks_and_full_blocks(cap: usize) {
    let (c, n) = (chan::<u32>(cap), u32::try_from(cap).unwrap());
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
    const L: u32 = 100;
    let (c, done) = (chan::<u32>(cap), chan::<Vec<u32>>(0));
    for _ in 0..P {
        let d = c.clone();
        drop(go(move || (0..L).for_each(|i| d.send(i))));
        let (d, done) = (c.clone(), done.clone());
        drop(go(move || done.send((0..L).map(|_| d.recv().unwrap()).collect())));
    }
    let mut counts = vec![0; L as usize];
    for _ in 0..P {
        done.recv().unwrap().iter().for_each(|&v| counts[v as usize] += 1);
    }
    assert_eq!(counts, vec![P; L as usize]);
}

/// TestNonblockRecvRace: I14, I15. Full, or with a sender in line, until it is closed: at no
/// instant is there nothing to receive.
fn test_nonblock_recv_race(cap: usize) {
    for _ in 0..150 {
        let c = chan::<u32>(cap);
        let sender = ready(&c);
        let d = c.clone();
        let looker = go(move || select! { recv(d) -> _ => true, default => false });
        c.close();
        c.try_recv().ok();
        assert!(looker.join().unwrap(), "the channel was not ready");
        sender.into_iter().for_each(|sender| sender.join().unwrap());
    }
}

/// Makes `c` ready to receive from: a value in the buffer, or a sender in line.
fn ready(c: &Chan<u32>) -> Option<Handle<()>> {
    if c.cap() > 0 {
        while c.try_send(1).is_ok() {}
        return None;
    }
    let (d, taken) = (c.clone(), Arc::new(AtomicU32::new(0)));
    let done = Arc::clone(&taken);
    let sender = go(move || {
        _ = d.send_or_closed(1);
        done.store(1, Ordering::Release);
    });
    // It stands in line, or somebody was there already.
    let in_line = || format!("{c:?}").contains("senders_waiting: 1,");
    until(|| in_line() || taken.load(Ordering::Acquire) == 1);
    Some(sender)
}

/// TestNonblockSelectRace: I14, J11.
fn test_nonblock_select_race(cap: usize) {
    nonblock_select_race(cap, |c2| drop(ready(c2)));
}

/// TestNonblockSelectRace2: the same with close.
fn test_nonblock_select_race2(cap: usize) {
    nonblock_select_race(cap, Chan::close);
}

fn nonblock_select_race(cap: usize, make_ready: fn(&Chan<u32>)) {
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
    for _ in 0..if cap == 0 { 100 } else { 2000 } {
        let (c1, c2) = (chan::<u32>(cap), chan::<u32>(cap));
        match cap {
            0 => drop(ready(&c1)),
            _ => c1.send(1),
        }
        rounds.send((c1.clone(), c2.clone()));
        make_ready(&c2);
        select! { recv(c1) -> _ => {}, default => {} }
        assert_eq!(done.recv(), Some(true), "no channel was ready");
        c1.try_close(); // a sender that nobody met goes home
        c2.try_close();
    }
    rounds.close();
    looker.join().unwrap();
}

/// TestChanSendInterface: I17; values of any type behind one, also through select.
fn test_chan_send_interface(cap: usize) {
    let c = chan::<Box<dyn Any + Send>>(cap);
    let d = c.clone();
    let sender = go(move || {
        d.send(Box::new(1_u32));
        select! { send(d, Box::new("two")) => {}, default => d.send(Box::new("two")) }
        select! { send(d, Box::new(vec![3_u64])) => {}, send(d, Box::new(vec![3_u64])) => {} }
    });
    assert_eq!(c.recv().unwrap().downcast_ref(), Some(&1_u32));
    assert_eq!(c.recv().unwrap().downcast_ref(), Some(&"two"));
    assert_eq!(c.recv().unwrap().downcast_ref(), Some(&vec![3_u64]));
    sender.join().unwrap();
}

/// TestMultiConsumer: J12, I13; count and sum are exact, close cascades.
fn test_multi_consumer(cap: usize) {
    const WORKERS: usize = 23;
    const N: u64 = 4_000;
    let (q, r) = (chan::<u64>(cap), chan::<u64>(cap));
    let left = Arc::new(AtomicU32::new(WORKERS as u32));
    for i in 0..WORKERS {
        let (q, r, left) = (q.clone(), r.clone(), Arc::clone(&left));
        drop(go(move || {
            for v in q {
                if v % WORKERS as u64 == i as u64 {
                    yield_now();
                }
                r.send(v);
            }
            if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                r.close();
            }
        }));
    }
    let expected: u64 = (0..N).sum();
    drop(go(move || {
        (0..N).for_each(|i| q.send(i));
        q.close();
    }));
    let (mut count, mut sum) = (0, 0);
    for v in r {
        count += 1;
        sum += v;
    }
    assert_eq!((count, sum), (N, expected));
}

/// Uses some of the stack, then does `last` at its end.
#[inline(never)]
fn deep<R>(depth: u32, last: &mut dyn FnMut() -> R) -> R {
    let room = std::hint::black_box([depth; 64]);
    let r = if depth == 0 { last() } else { deep(depth - 1, last) };
    assert_eq!(std::hint::black_box(room), [depth; 64]);
    r
}

/// TestShrinkStackDuringBlockedSend: I17; a value waits on its sender's stack, whatever else
/// happens on it and on others.
fn test_shrink_stack_during_blocked_send(cap: usize) {
    const ROUNDS: u32 = 40;
    let c = chan::<[u32; 128]>(cap);
    let d = c.clone();
    let sender = go(move || {
        for i in 0..ROUNDS {
            deep(i % 20, &mut || d.send([i; 128]));
        }
    });
    for i in 0..ROUNDS {
        go(|| deep(30, &mut yield_now)).join().unwrap();
        assert_eq!(deep(5, &mut || c.recv()), Some([i; 128]));
    }
    sender.join().unwrap();
}

/// TestNoShrinkStackWhileParking: I7; the place for a value is there before anybody can find it.
fn test_no_shrink_stack_while_parking(cap: usize) {
    const ROUNDS: u32 = 300;
    let (there, back) = (chan::<[u32; 32]>(cap), chan::<[u32; 32]>(cap));
    let (d, e) = (there.clone(), back.clone());
    let echo = go(move || d.iter().for_each(|v| deep(3, &mut || e.send(v))));
    for i in 0..ROUNDS {
        there.send([i; 32]);
        assert_eq!(deep(i % 10, &mut || back.recv()), Some([i; 32]));
    }
    there.close();
    echo.join().unwrap();
}
