//! From `test/ken/chan.go` and `chan1.go`: many senders and receivers, plain and by select.

use crate::env::go;
use crate::tools::Random;
use gaggle_hchan::{Chan, chan, select};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

tests! { ken_chan ken_chan1 }

/// ken/chan.go: J7, J12, I5; with a sequence number per channel.
fn ken_chan(cap: usize) {
    const CHANNELS: usize = 3;
    const EACH: u64 = 400;
    let mut random = Random::new(7);
    let c: [Chan<u64>; CHANNELS] = std::array::from_fn(|_| chan(cap));
    let total = Arc::new(AtomicU64::new(0));
    let mut all = Vec::new();
    for c in &c {
        let c = c.clone();
        all.push(go(move || (1..=EACH).for_each(|i| c.send(i))));
    }
    for _ in 0..CHANNELS {
        let (c, total) = (c.clone(), Arc::clone(&total));
        let turn = random.below(3) as usize;
        all.push(go(move || {
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
    all.into_iter().for_each(|one| one.join().unwrap());
    let sum = CHANNELS as u64 * EACH * (EACH + 1) / 2;
    assert_eq!(total.load(Ordering::Relaxed), sum);
}

/// ken/chan1.go: J12; contended receives take each value once.
fn ken_chan1(cap: usize) {
    const N: u32 = 1000;
    const M: u32 = 10;
    let c = chan::<u32>(cap);
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
