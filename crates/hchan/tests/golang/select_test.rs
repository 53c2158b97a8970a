//! From `runtime/chan_test.go`: select.

use crate::env::go;
use crate::tools::{rounds, until, until_receivers};
use gaggle_hchan::{Chan, chan, select};

tests! {
    test_self_select test_select_stress test_select_fairness test_pseudo_random_send
    test_select_stack_adjust test_select_duplicate_channel
}

/// TestSelfSelect: J6, I9; two send and receive on one channel in one select.
fn test_self_select(cap: usize) {
    let c = chan::<usize>(cap);
    let both: Vec<_> = (0..2)
        .map(|p| {
            let c = c.clone();
            go(move || {
                for i in 0..400 {
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
    both.into_iter().for_each(|one| one.join().unwrap());
}

/// TestSelectStress: J7, J12; plain and select partners on four channels.
fn test_select_stress(cap: usize) {
    let n = rounds(6_000, 100_000) as usize;
    let c: [Chan<usize>; 4] = [chan(cap), chan(cap), chan(2), chan(3)];
    let mut all = Vec::new();
    for c in &c {
        let d = c.clone();
        all.push(go(move || (0..n).for_each(|_| d.send(0))));
        let d = c.clone();
        all.push(go(move || (0..n).for_each(|_| assert!(d.recv().is_some()))));
    }
    let d = c.clone();
    all.push(go(move || {
        stress(&d, n, |c| {
            select! {
                send(c[0], 0) => 0, send(c[1], 0) => 1, send(c[2], 0) => 2, send(c[3], 0) => 3,
            }
        })
    }));
    all.push(go(move || stress(&c, n, |c| select! {
        recv(c[0]) -> _ => 0, recv(c[1]) -> _ => 1, recv(c[2]) -> _ => 2, recv(c[3]) -> _ => 3,
    })));
    all.into_iter().for_each(|one| one.join().unwrap());

    /// Runs `one` until each channel had its `n`; then that channel is nil.
    fn stress(c: &[Chan<usize>; 4], n: usize, one: fn(&[Chan<usize>; 4]) -> usize) {
        let (mut c, mut counts) = (c.clone(), [0; 4]);
        for _ in 0..4 * n {
            let k = one(&c);
            counts[k] += 1;
            if counts[k] == n {
                c[k] = Chan::nil();
            }
        }
    }
}

/// TestSelectFairness: J2; two ready channels among four, ten standard deviations.
fn test_select_fairness(cap: usize) {
    const TRIALS: u32 = 4_000;
    let (c1, c2) = (chan::<u32>(TRIALS as usize + 101), chan::<u32>(TRIALS as usize + 101));
    (0..TRIALS + 101).for_each(|i| {
        c1.send(i);
        c2.send(i);
    });
    let (c3, c4) = (chan::<u32>(cap), chan::<u32>(cap));
    let (out, done) = (chan::<u32>(cap), chan::<()>(0));
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
    // The square of ten standard deviations is 100 * TRIALS / 4.
    let off = u64::from(ones.abs_diff(TRIALS / 2));
    assert!(off * off < 25 * u64::from(TRIALS), "{ones} and {twos}");
}

/// TestPseudoRandomSend: J2; both of two sends to one channel come up, at least a tenth each.
fn test_pseudo_random_send(cap: usize) {
    const N: usize = 1000;
    let c = chan::<usize>(cap);
    let d = c.clone();
    let receiver = go(move || (0..N).map(|_| d.recv().unwrap()).sum::<usize>());
    for _ in 0..N {
        select! { send(c, 1) => {}, send(c, 0) => {} }
    }
    let ones = receiver.join().unwrap();
    assert!((N / 10..=N - N / 10).contains(&ones), "{ones} of {N}");
}

/// TestSelectStackAdjust: J7; the places of both receives stay valid while others come and go, and
/// the value that comes arrives in its own.
fn test_select_stack_adjust(cap: usize) {
    const ROUNDS: u64 = 100;
    let (c, d) = (chan::<[u64; 16]>(cap), chan::<[u64; 16]>(cap));
    let (ready1, ready2, back) = (c.clone(), d.clone(), chan::<u64>(cap));
    let tell = back.clone();
    let selector = go(move || {
        for _ in 0..ROUNDS {
            let mine = [7_u64; 64]; // beside the places
            let got = select! {
                recv(ready1) -> v => v.unwrap(),
                recv(ready2) -> v => v.unwrap(),
            };
            assert_eq!((got, mine), ([got[0]; 16], [7; 64]));
            tell.send(got[0]);
        }
    });
    for i in 0..ROUNDS {
        if i % 3 == 0 {
            until(|| format!("{c:?}").contains("receivers_waiting: 1"));
        }
        if i % 2 == 0 {
            c.send([i; 16])
        } else {
            d.send([i; 16])
        }
        assert_eq!(back.recv(), Some(i));
    }
    selector.join().unwrap();
}

/// TestSelectDuplicateChannel: J7, J8; the waiter behind a select that named a channel twice.
fn test_select_duplicate_channel(cap: usize) {
    let (c, d, e) = (chan::<u32>(cap), chan::<u32>(cap), chan::<u32>(cap));
    let out = chan::<u32>(0);
    let (c1, d1, e1, o1) = (c.clone(), d.clone(), e.clone(), out.clone());
    let first = go(move || {
        select! {
            recv(c1) -> _ => {}
            recv(d1) -> _ => {}
            recv(e1) -> _ => {}
            recv(c1) -> _ => {}
        }
        o1.send(9);
    });
    until_receivers(&c, 2);
    let c2 = c.clone();
    let behind = go(move || c2.recv());
    until_receivers(&c, 3);
    d.send(7); // the first leaves, with both its nodes
    assert_eq!(out.recv(), Some(9));
    until_receivers(&c, 1);
    until_receivers(&e, 0);
    c.send(8);
    assert_eq!(behind.join().unwrap(), Some(8));
    first.join().unwrap();
}
