//! The rounds: each small, each with a sum that must come out right.
//!
//! *By The Real Clock*: the heaps of real timers are part of the stress.

use crate::Rng;
use gaggle::sync::{Mutex, WaitGroup};
use gaggle::{Chan, chan, go, runtime, select, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The sum of `0..n`.
fn sum(n: u64) -> u64 {
    n * (n - 1) / 2
}

pub(crate) fn producers(rng: &mut Rng) {
    let capacity = [0, 1, 2, 10][rng.below(4) as usize];
    let (senders, receivers) = (1 + rng.below(4), 1 + rng.below(4));
    let each = 1 + rng.below(50);
    let values: Chan<u64> = chan(capacity);
    let total = Arc::new(AtomicU64::new(0));
    let (sending, receiving) = (WaitGroup::new(), WaitGroup::new());
    for _ in 0..senders {
        let values = values.clone();
        sending.go(move || (0..each).for_each(|value| values.send(value)));
    }
    for _ in 0..receivers {
        let (values, total) = (values.clone(), Arc::clone(&total));
        receiving.go(move || {
            for value in values {
                total.fetch_add(value, Ordering::Relaxed);
            }
        });
    }
    sending.wait();
    values.close();
    receiving.wait();
    assert_eq!(total.load(Ordering::Relaxed), senders * sum(each));
}

pub(crate) fn select_mesh(rng: &mut Rng) {
    let each = 1 + rng.below(30);
    let channels: Vec<Chan<u64>> = (0..4).map(|_| chan(rng.below(3) as usize)).collect();
    let wg = WaitGroup::new();
    for _ in 0..4 {
        let (a, b) = (channels[0].clone(), channels[1].clone());
        let (c, d) = (channels[2].clone(), channels[3].clone());
        wg.go(move || {
            for value in 0..each {
                select! {
                    send(a, value) => {},
                    send(b, value) => {},
                    send(c, value) => {},
                    send(d, value) => {},
                }
            }
        });
    }
    let mut total = 0;
    for _ in 0..4 * each {
        total += select! {
            recv(channels[0]) -> v => v,
            recv(channels[1]) -> v => v,
            recv(channels[2]) -> v => v,
            recv(channels[3]) -> v => v,
        }
        .unwrap();
    }
    wg.wait();
    assert_eq!(total, 4 * sum(each));
}

pub(crate) fn timeouts(rng: &mut Rng) {
    let values: Chan<u64> = chan(rng.below(2) as usize);
    let wg = WaitGroup::new();
    let received = Arc::new(AtomicU64::new(0));
    let sent = Arc::new(AtomicU64::new(0));
    for _ in 0..4 {
        let wait = Duration::from_micros(rng.below(60));
        let (values, sent) = (values.clone(), Arc::clone(&sent));
        wg.go(move || {
            for value in 1..4 {
                if values.send_timeout(value, wait).is_ok() {
                    sent.fetch_add(value, Ordering::Relaxed);
                }
            }
        });
    }
    for _ in 0..4 {
        let wait = Duration::from_micros(rng.below(60));
        let (values, received) = (values.clone(), Arc::clone(&received));
        wg.go(move || {
            for _ in 0..3 {
                if let Ok(value) = values.recv_timeout(wait) {
                    received.fetch_add(value, Ordering::Relaxed);
                }
            }
        });
    }
    time::sleep(Duration::from_micros(rng.below(50)));
    wg.wait();
    while let Ok(value) = values.try_recv() {
        received.fetch_add(value, Ordering::Relaxed);
    }
    assert_eq!(received.load(Ordering::Relaxed), sent.load(Ordering::Relaxed));
}

pub(crate) fn mutex(rng: &mut Rng) {
    let count = Arc::new(Mutex::new(0));
    let wg = WaitGroup::new();
    let (goroutines, each) = (1 + rng.below(6), 1 + rng.below(20));
    for at in 0..goroutines {
        let count = Arc::clone(&count);
        wg.go(move || {
            for _ in 0..each {
                let mut count = count.lock();
                let seen = *count;
                if at % 2 == 0 {
                    runtime::gosched();
                }
                *count = seen + 1;
            }
        });
    }
    wg.wait();
    assert_eq!(*count.lock(), goroutines * each);
}

pub(crate) fn tree(rng: &mut Rng) {
    fn node(depth: u64) -> u64 {
        if depth == 0 {
            return 1;
        }
        let leaves: Chan<u64> = chan(0);
        for _ in 0..2 {
            let leaves = leaves.clone();
            go(move || leaves.send(node(depth - 1)));
        }
        leaves.recv().unwrap() + leaves.recv().unwrap()
    }
    let depth = 1 + rng.below(6);
    assert_eq!(node(depth), 1 << depth);
}

pub(crate) fn close(rng: &mut Rng) {
    let done: Chan<()> = chan(0);
    let values: Chan<u64> = chan(rng.below(2) as usize);
    let wg = WaitGroup::new();
    let balance = Arc::new(AtomicU64::new(0));
    for at in 0..6_u64 {
        let (done, values, balance) = (done.clone(), values.clone(), Arc::clone(&balance));
        wg.go(move || {
            loop {
                if at % 2 == 0 {
                    select! {
                        send(values, at + 1) => { balance.fetch_add(at + 1, Ordering::Relaxed); },
                        recv(done) -> _ => return,
                    }
                } else {
                    select! {
                        recv(values) -> v => { balance.fetch_sub(v.unwrap(), Ordering::Relaxed); },
                        recv(done) -> _ => return,
                    }
                }
            }
        });
    }
    for _ in 0..rng.below(3) {
        runtime::gosched(); // up to a time slice each: the others keep each other busy
    }
    done.close();
    wg.wait();
    let left = values.try_recv().unwrap_or(0);
    assert_eq!(balance.load(Ordering::Relaxed), left);
}

pub(crate) fn threads(rng: &mut Rng) {
    let values: Chan<u64> = chan(rng.below(3) as usize);
    let each = 1 + rng.below(20);
    let wg = WaitGroup::new();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let values = values.clone();
            std::thread::spawn(move || (0..each).for_each(|value| values.send(value)))
        })
        .collect();
    for _ in 0..2 {
        let values = values.clone();
        wg.go(move || (0..each).for_each(|value| values.send(value)));
    }
    let back = values.clone();
    let reader =
        std::thread::spawn(move || (0..2 * each).map(|_| back.recv().unwrap()).sum::<u64>());
    let here: u64 = (0..2 * each).map(|_| values.recv().unwrap()).sum();
    wg.wait();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(here + reader.join().unwrap(), 4 * sum(each));
}

pub(crate) fn procs(rng: &mut Rng) {
    let was = runtime::gomaxprocs(0);
    let wg = WaitGroup::new();
    let values: Chan<u64> = chan(0);
    for _ in 0..4 {
        let values = values.clone();
        wg.go(move || (0..20).for_each(|value| values.send(value)));
    }
    let mut total = 0;
    for at in 0..80 {
        if at % 20 == 0 {
            runtime::gomaxprocs(1 + rng.below(6) as usize);
        }
        total += values.recv().unwrap();
    }
    wg.wait();
    runtime::gomaxprocs(was);
    assert_eq!(total, 4 * sum(20));
}
