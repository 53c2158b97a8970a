//! First come, first served.

mod common;

use common::{go, until_receivers, until_senders};
use gaggle_hchan::{chan, select};

#[test]
fn waiting_receivers_are_served_in_the_order_they_came() {
    // I7, J8: plain ones, selects and timed ones stand in one line.
    let (c, served, never) = (chan::<u32>(0), chan::<(usize, u32)>(9), chan::<u32>(0));
    let mut all = Vec::new();
    for i in 0..9 {
        let (c, served, never) = (c.clone(), served.clone(), never.clone());
        let d = c.clone();
        all.push(go(move || {
            let got = match i % 3 {
                0 => c.recv(),
                1 => select! { recv(never) -> v => v, recv(c) -> v => v },
                _ => c.recv_timeout(std::time::Duration::from_secs(60)).ok(),
            };
            served.send((i, got.unwrap()));
        }));
        until_receivers(&d, i + 1);
    }
    for value in 0..9 {
        c.send(value);
    }
    for _ in 0..9 {
        let (who, value) = served.recv().unwrap();
        assert_eq!(who, usize::try_from(value).unwrap());
    }
    all.into_iter().for_each(|waiter| waiter.join().unwrap());
}

#[test]
fn waiting_senders_are_served_in_the_order_they_came() {
    // I7, J8
    for cap in [0, 2] {
        let (c, never) = (chan::<usize>(cap), chan::<usize>(0));
        (0..cap).for_each(|i| c.send(i));
        let mut all = Vec::new();
        for i in 0..8 {
            let (d, never) = (c.clone(), never.clone());
            all.push(go(move || match i % 2 {
                0 => d.send(cap + i),
                _ => select! { send(never, 0) => {}, send(d, cap + i) => {} },
            }));
            until_senders(&c, i + 1);
        }
        (0..cap + 8).for_each(|i| assert_eq!(c.recv(), Some(i)));
        all.into_iter().for_each(|waiter| waiter.join().unwrap());
    }
}

#[test]
fn who_gave_up_waiting_is_passed_over() {
    // J7: a select's losing node, and a timed one, in the middle of the line.
    let (c, out) = (chan::<u32>(0), chan::<u32>(0));
    let first = {
        let c = c.clone();
        go(move || c.recv())
    };
    until_receivers(&c, 1);
    let second = {
        let (c, out) = (c.clone(), out.clone());
        go(move || select! { recv(c) -> _ => None, recv(out) -> v => v })
    };
    until_receivers(&c, 2);
    let third = {
        let c = c.clone();
        go(move || c.recv())
    };
    until_receivers(&c, 3);
    out.send(99);
    assert_eq!(second.join().unwrap(), Some(99));
    until_receivers(&c, 2);
    c.send(1);
    assert_eq!(first.join().unwrap(), Some(1));
    c.send(2);
    assert_eq!(third.join().unwrap(), Some(2));
}
