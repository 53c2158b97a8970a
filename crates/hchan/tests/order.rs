//! First come, first served.

mod common;

use common::{go, until, until_receivers, until_senders};
use gaggle_hchan::{Chan, chan, select};

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

/// How many stand in the lines of senders and of receivers, at one instant.
fn lines<T>(c: &Chan<T>) -> (u32, u32) {
    let text = format!("{c:?}");
    let number = |word: &str| {
        let (_, rest) = text.split_once(word).expect("it says so");
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        digits.and_then(|it| it.parse().ok()).expect("a number")
    };
    (number("senders_waiting: "), number("receivers_waiting: "))
}

#[test]
fn never_does_somebody_stand_in_both_lines() {
    // I9: while two send and two receive, each side first once.
    const EACH: u32 = 2_000;
    for (cap, senders_first) in [(0, true), (0, false), (1, true), (3, false), (3, true)] {
        let c = chan::<u32>(cap);
        let send = || {
            let d = c.clone();
            go(move || (0..EACH).for_each(|i| d.send(i)))
        };
        let recv = || {
            let d = c.clone();
            go(move || (0..EACH).for_each(|_| assert!(d.recv().is_some())))
        };
        let mut all = Vec::new();
        if senders_first {
            all.extend([send(), send()]);
            until_senders(&c, 2);
            assert_eq!(lines(&c), (2, 0));
            all.extend([recv(), recv()]);
        } else {
            all.extend([recv(), recv()]);
            until_receivers(&c, 2);
            assert_eq!(lines(&c), (0, 2));
            all.extend([send(), send()]);
        }
        until(|| {
            let (senders, receivers) = lines(&c);
            assert!(
                senders == 0 || receivers == 0,
                "{senders} senders beside {receivers} receivers"
            );
            all.iter().all(|one| one.is_finished())
        });
        all.into_iter().for_each(|one| one.join().unwrap());
        assert_eq!(lines(&c), (0, 0));
    }
}
