//! From `runtime/chan_test.go`: plain operations, and forms that do not wait.

use crate::env::{Handle, go, yield_now};
use crate::tools::{rounds, until, until_receivers, until_senders, upto};
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

/// Looks at whatever is put before it. It never sleeps: who has to be woken comes late for a race.
struct Looker<T> {
    todo: Chan<T>,
    answers: Chan<bool>,
    run: Handle<()>,
}

impl<T: Send + 'static> Looker<T> {
    fn new(look: fn(T) -> bool) -> Self {
        let (todo, answers) = (chan::<T>(1), chan::<bool>(1));
        let (inbox, tell) = (todo.clone(), answers.clone());
        let run = go(move || {
            for turn in 0_u32.. {
                match inbox.try_recv() {
                    Ok(it) => tell.send(look(it)),
                    Err(TryRecvError::Closed) => return,
                    Err(TryRecvError::Empty) if turn % 16 == 0 => yield_now(),
                    Err(TryRecvError::Empty) => std::hint::spin_loop(),
                }
            }
        });
        Self { todo, answers, run }
    }

    /// Hands it `it`, and lets it come a little way, another one each time.
    fn begins(&self, it: T, round: u32) {
        self.todo.send(it);
        (0..round % 97).for_each(|_| std::hint::spin_loop());
    }

    /// Whether it found something ready.
    fn found(&self) -> bool {
        self.answers.recv().expect("it answers")
    }

    fn end(self) {
        self.todo.close();
        self.run.join().unwrap();
    }
}

/// TestNonblockRecvRace: I14, I15. Full, or with a sender in line, until it is closed: at no
/// instant is there nothing to receive.
fn test_nonblock_recv_race(cap: usize) {
    let looker = Looker::new(|c: Chan<u32>| select! { recv(c) -> _ => true, default => false });
    let mut sender = Sender::new();
    for round in 0..rounds(if cap == 0 { 800 } else { 4_000 }, 10_000) {
        let c = chan::<u32>(cap);
        sender.make_ready(&c);
        looker.begins(c.clone(), round);
        c.close();
        c.try_recv().ok();
        assert!(looker.found(), "the channel was not ready");
    }
    looker.end();
    sender.end();
}

/// Stands in line with a value at one channel after the other, until each is closed.
struct Sender {
    channels: Chan<Chan<u32>>,
    asked: u32,
    done: Arc<AtomicU32>,
    run: Handle<()>,
}

impl Sender {
    fn new() -> Self {
        let (channels, done) = (chan::<Chan<u32>>(0), Arc::new(AtomicU32::new(0)));
        let (todo, tell) = (channels.clone(), Arc::clone(&done));
        let run = go(move || {
            for c in todo {
                _ = c.send_or_closed(1);
                tell.fetch_add(1, Ordering::Release);
            }
        });
        Self { channels, asked: 0, done, run }
    }

    /// Makes `c` ready to receive from: values in the buffer, or a sender in line.
    fn make_ready(&mut self, c: &Chan<u32>) {
        if c.cap() > 0 {
            while c.try_send(1).is_ok() {}
            return;
        }
        self.channels.send(c.clone());
        self.asked += 1;
        // It stands in line, or somebody was there already.
        let in_line = || format!("{c:?}").contains("senders_waiting: 1,");
        until(|| in_line() || self.done.load(Ordering::Acquire) == self.asked);
    }

    fn end(self) {
        self.channels.close();
        self.run.join().unwrap();
    }
}

/// TestNonblockSelectRace: I14, J11.
fn test_nonblock_select_race(cap: usize) {
    let mut sender = Sender::new();
    nonblock_select_race(cap, |c2| sender.make_ready(c2));
    sender.end();
}

/// TestNonblockSelectRace2: the same with close.
fn test_nonblock_select_race2(cap: usize) {
    nonblock_select_race(cap, Chan::close);
}

fn nonblock_select_race(cap: usize, mut make_ready: impl FnMut(&Chan<u32>)) {
    let looker = Looker::new(|(c1, c2): (Chan<u32>, Chan<u32>)| {
        select! {
            recv(c1) -> _ => true,
            recv(c2) -> _ => true,
            default => false,
        }
    });
    let mut sender = Sender::new();
    for round in 0..rounds(if cap == 0 { 800 } else { 4_000 }, 100_000) {
        let (c1, c2) = (chan::<u32>(cap), chan::<u32>(cap));
        match cap {
            0 => sender.make_ready(&c1),
            _ => c1.send(1),
        }
        looker.begins((c1.clone(), c2.clone()), round);
        make_ready(&c2);
        select! { recv(c1) -> _ => {}, default => {} }
        assert!(looker.found(), "no channel was ready");
        c1.try_close(); // a sender that nobody met goes home
        c2.try_close();
    }
    looker.end();
    sender.end();
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
