//! What `select!` chooses.

mod common;

use common::{go, until, until_receivers, until_senders};
use gaggle_gopark::{self as gopark, GRef, Status, WaitReason};
use gaggle_hchan::{Chan, chan, select, select_biased};

/// Of 10,000 trials with chance 1/n, ten standard deviations around the mean.
fn assert_uniform(counts: &[u32]) {
    let (trials, n) = (f64::from(counts.iter().sum::<u32>()), counts.len() as f64);
    let (mean, sigma) = (trials / n, (trials / n * (1.0 - 1.0 / n)).sqrt());
    for &count in counts {
        assert!((f64::from(count) - mean).abs() < 10.0 * sigma, "{counts:?}");
    }
}

#[test]
fn the_choice_is_uniform_among_ready_arms() {
    // J2: closed receives, ready buffers and free buffers alike.
    let (closed, full, free) = (chan::<u32>(0), chan::<u32>(1), chan::<u32>(1));
    let never = chan::<u32>(0);
    closed.close();
    let mut counts = [0; 3];
    for i in 0..9999 {
        if full.len() == 0 {
            full.send(i);
        }
        _ = free.try_recv();
        let index = select! {
            recv(closed) -> v => { assert_eq!(v, None); 0 }
            recv(never) -> _ => unreachable!(),
            recv(full) -> v => { assert!(v.is_some()); 1 }
            send(free, i) => 2,
        };
        counts[index] += 1;
    }
    assert_uniform(&counts);
}

#[test]
fn a_channel_named_three_times_has_three_chances() {
    // J2
    let (a, b) = (chan::<u32>(0), chan::<u32>(0));
    a.close();
    b.close();
    let mut counts = [0; 4];
    for _ in 0..10_000 {
        let index = select! {
            recv(a) -> _ => 0,
            recv(b) -> _ => 1,
            recv(a) -> _ => 2,
            recv(a) -> _ => 3,
        };
        counts[index] += 1;
    }
    assert_uniform(&counts);
}

#[test]
fn a_waiting_select_serves_either_of_two_arms_on_one_channel() {
    // J2: the choice is as free when it falls after a wait.
    const ROUNDS: u32 = 1000;
    let c = chan::<u32>(0);
    let d = c.clone();
    let selector = go(move || {
        let mut counts = [0; 2];
        for _ in 0..ROUNDS {
            let index = select! { recv(d) -> _ => 0, recv(d) -> _ => 1 };
            counts[index] += 1;
        }
        counts
    });
    for i in 0..ROUNDS {
        until_receivers(&c, 2);
        c.send(i);
    }
    assert_uniform(&selector.join().unwrap());
}

#[test]
fn select_biased_takes_the_first_ready_arm() {
    let (a, b, c) = (chan::<u32>(1), chan::<u32>(1), chan::<u32>(1));
    for i in 0..100 {
        b.send(i);
        c.send(i);
        let got = select_biased! {
            recv(a) -> v => (0, v),
            recv(b) -> v => (1, v),
            recv(c) -> v => (2, v),
        };
        assert_eq!(got, (1, Some(i)));
        assert_eq!(c.recv(), Some(i));
    }
    assert_eq!(select_biased! { recv(a) -> _ => 1, default => 2 }, 2);
}

#[test]
fn default_is_taken_only_if_nothing_is_ready() {
    // J3
    let (a, b) = (chan::<u32>(0), chan::<u32>(1));
    let poll = || {
        select! {
            recv(a) -> _ => 1,
            recv(b) -> _ => 2,
            default => 3,
        }
    };
    assert_eq!(poll(), 3);
    b.send(1);
    assert_eq!(poll(), 2);
    assert_eq!(poll(), 3);
    a.close();
    assert_eq!(poll(), 1);
    assert_eq!(select! { default => 4 }, 4);
    assert_eq!(select! { default => { 5 }, recv(b) -> _ => 6 }, 5);
}

#[test]
fn a_waiting_select_is_served_by_either_side() {
    // J7
    let (a, b) = (chan::<u32>(0), chan::<u32>(0));
    for way in 0..2 {
        let (c, d) = (a.clone(), b.clone());
        let waiter = go(move || {
            select! {
                recv(c) -> v => v,
                send(d, 7) => None,
            }
        });
        until_receivers(&a, 1);
        until_senders(&b, 1);
        if way == 0 {
            a.send(6);
            assert_eq!(waiter.join().unwrap(), Some(6));
        } else {
            assert_eq!(b.recv(), Some(7));
            assert_eq!(waiter.join().unwrap(), None);
        }
        until_receivers(&a, 0);
        until_senders(&b, 0);
    }
}

#[test]
fn two_selects_meet() {
    // J7, J12
    const ROUNDS: u32 = 2000;
    let (a, b) = (chan::<u32>(0), chan::<u32>(0));
    let (c, d) = (a.clone(), b.clone());
    let sender = go(move || {
        for i in 0..ROUNDS {
            select! { send(c, i) => {}, send(d, i) => {} }
        }
    });
    for i in 0..ROUNDS {
        let got = select! { recv(a) -> v => v, recv(b) -> v => v };
        assert_eq!(got, Some(i));
    }
    sender.join().unwrap();
}

#[test]
fn a_select_cannot_meet_itself() {
    // J6
    let c = chan::<u32>(0);
    for _ in 0..100 {
        let met = select! {
            recv(c) -> _ => true,
            send(c, 1) => true,
            default => false,
        };
        assert!(!met);
    }
}

/// Starts `f`, and says what it waits for once it does.
fn reason_of(f: impl FnOnce() + Send + 'static) -> WaitReason {
    let (tell, told) = std::sync::mpsc::channel::<GRef>();
    go(move || {
        tell.send(gopark::current()).unwrap();
        f();
    });
    let g = told.recv().unwrap();
    until(|| g.status().get() == Status::Waiting);
    g.reason().unwrap()
}

#[test]
fn a_select_of_one_arm_is_the_plain_operation() {
    // J4, I2, J3
    let c = chan::<u32>(0);
    let (d, e, f, h) = (c.clone(), c.clone(), c.clone(), c.clone());
    assert_eq!(reason_of(move || select! { recv(d) -> _ => {} }), WaitReason::ChanReceive);
    c.send(1);
    assert_eq!(reason_of(move || select! { send(e, 1) => {} }), WaitReason::ChanSend);
    assert_eq!(c.recv(), Some(1));
    let nil = || select! { recv(Chan::<u32>::nil()) -> _ => {} };
    assert_eq!(reason_of(nil), WaitReason::ChanReceiveNil);
    let nil = || select! { send(Chan::<u32>::nil(), 1) => {} };
    assert_eq!(reason_of(nil), WaitReason::ChanSendNil);
    let two = move || select! { recv(f) -> _ => {}, recv(h) -> _ => {} };
    assert_eq!(reason_of(two), WaitReason::Select);
    let (a, b) = (Chan::<u32>::nil(), Chan::<u32>::nil());
    let nils = move || select! { recv(a) -> _ => {}, recv(b) -> _ => {} };
    assert_eq!(reason_of(nils), WaitReason::Select);
    assert_eq!(reason_of(|| select! {}), WaitReason::SelectNoCases);
}

#[test]
fn a_blocked_select_on_both_sides_of_one_channel_leaves_it_clean() {
    // J6, J7, and what I9 excepts
    let c = chan::<u32>(0);
    for way in 0..2 {
        let d = c.clone();
        let waiter = go(move || select! { recv(d) -> v => v, send(d, 9) => None });
        until_receivers(&c, 1);
        until_senders(&c, 1);
        if way == 0 {
            assert_eq!(c.recv(), Some(9));
            assert_eq!(waiter.join().unwrap(), None);
        } else {
            c.send(8);
            assert_eq!(waiter.join().unwrap(), Some(8));
        }
        until_receivers(&c, 0);
        until_senders(&c, 0);
    }
}

#[test]
fn many_selects_on_the_same_channels_in_any_order_do_not_hang() {
    // J7: lock order by address; J12: each value once.
    const EACH: u64 = 400;
    let all: Vec<Chan<u64>> = (0..4).map(|i| chan(i % 2)).collect();
    let mut threads = Vec::new();
    for t in 0..3_usize {
        let c: Vec<_> = (0..4).map(|i| all[(i * (t + 1) + t) % 4].clone()).collect();
        threads.push(go(move || {
            for v in 0..EACH {
                let v = v + 1;
                select! {
                    send(c[0], v) => {}
                    send(c[1], v) => {}
                    send(c[2], v) => {}
                    send(c[3], v) => {}
                }
            }
        }));
    }
    let mut sum = 0;
    for _ in 0..3 * EACH {
        sum += select! {
            recv(all[3]) -> v => v.unwrap(),
            recv(all[1]) -> v => v.unwrap(),
            recv(all[0]) -> v => v.unwrap(),
            recv(all[2]) -> v => v.unwrap(),
        };
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(sum, 3 * EACH * (EACH + 1) / 2);
}
