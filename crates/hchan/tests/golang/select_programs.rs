//! From `test/chan/select*.go` and `doubleselect.go`: stand-alone programs about select.

use crate::env::go;
use crate::tools::{rounds, until_receivers};
use gaggle_hchan::{Chan, chan, select};
use std::cell::RefCell;

tests! { doubleselect select1 select4 select5 select6 select7 select8 }

/// chan/doubleselect.go: J7, J12; one winner among four cases, no value twice.
fn doubleselect(cap: usize) {
    let n = u64::from(rounds(20_000, 100_000));
    let c: [Chan<u64>; 4] = std::array::from_fn(|_| chan(cap));
    let d = c.clone();
    let sender = go(move || {
        for i in 0..n {
            select! {
                send(d[0], i) => {}
                send(d[1], i) => {}
                send(d[2], i) => {}
                send(d[3], i) => {}
            }
        }
        d.iter().for_each(Chan::close);
    });
    let all = chan::<Option<u64>>(cap);
    for c in c {
        let all = all.clone();
        drop(go(move || {
            c.iter().for_each(|v| all.send(Some(v)));
            all.send(None);
        }));
    }
    let (mut seen, mut ended) = (vec![false; n as usize], 0);
    while ended < 4 {
        match all.recv().unwrap() {
            Some(v) => assert!(!std::mem::replace(&mut seen[v as usize], true), "{v} twice"),
            None => ended += 1,
        }
    }
    assert!(seen.into_iter().all(|seen| seen));
    sender.join().unwrap();
}

/// chan/select.go: J1, J4; a sender that switches the channel it used off, so that both get one of
/// each pair; the value is evaluated for each arm, every time.
fn select1(cap: usize) {
    const PAIRS: u32 = 100;
    let (a, b) = (chan::<u32>(cap), chan::<u32>(cap));
    let (c, d) = (a.clone(), b.clone());
    let sender = go(move || {
        let mut evaluated = 0;
        let mut value = |n| {
            evaluated += 1;
            n
        };
        for i in 0..PAIRS {
            let (mut x, mut y) = (c.clone(), d.clone());
            for _ in 0..2 {
                select! {
                    send(x, value(i)) => x = Chan::nil(),
                    send(y, value(i)) => y = Chan::nil(),
                }
            }
        }
        evaluated
    });
    for i in 0..PAIRS {
        assert_eq!((a.recv(), b.recv()), (Some(i), Some(i)));
    }
    assert_eq!(sender.join().unwrap(), 4 * PAIRS);
}

/// chan/select4.go: J1; where a value goes is looked at only if its case is chosen.
fn select4(cap: usize) {
    let (never, c) = (chan::<u32>(cap), chan::<u32>(cap));
    let d = c.clone();
    let sender = go(move || d.send(42));
    let mut place = [0; 1];
    let nowhere = || -> usize { panic!("not chosen") };
    select! {
        recv(never) -> v => place[nowhere()] = v.unwrap(),
        recv(c) -> v => place[0] = v.unwrap(),
    }
    assert_eq!(place, [42]);
    sender.join().unwrap();
}

/// What was evaluated, in order.
#[derive(Default)]
struct Log(RefCell<Vec<&'static str>>);

impl Log {
    fn note<T>(&self, word: &'static str, value: T) -> T {
        self.0.borrow_mut().push(word);
        value
    }

    #[track_caller]
    fn took(&self, words: &[&str]) {
        assert_eq!(self.0.take(), words);
    }
}

/// chan/select5.go: J1; over all forms: channel and value expressions once, in source order, for
/// cases that are not chosen too.
fn select5(cap: usize) {
    let log = Log::default();
    let (never, nil, ready) = (chan::<u32>(0), Chan::<u32>::nil(), chan::<u32>(cap.max(1)));
    let list = [never.clone(), nil.clone(), ready.clone()];
    // One case: what is sent, and to whom; where to receive from.
    select! { send(log.note("c", &ready), log.note("v", 1)) => log.note("body", ()) }
    log.took(&["c", "v", "body"]);
    select! { recv(log.note("c", &ready)) -> v => assert_eq!(log.note("body", v), Some(1)) }
    log.took(&["c", "body"]);
    // With default, ready and not.
    select! { send(log.note("c", &never), log.note("v", 1)) => panic!(), default => log.note("d", ()) }
    log.took(&["c", "v", "d"]);
    select! { recv(log.note("c", &list[1])) -> _ => panic!(), default => log.note("d", ()) }
    log.took(&["c", "d"]);
    select! { send(log.note("c", &list[2]), log.note("v", 2)) => log.note("b", ()), default => panic!() }
    log.took(&["c", "v", "b"]);
    assert_eq!(ready.recv(), Some(2));
    // Every place among several; the chosen one first, in the middle, last.
    for turn in 0..3 {
        let at = |i: usize| if i == turn { &list[2] } else { &list[i % 2] };
        if ready.len() == 0 {
            select! {
                send(log.note("c0", at(0)), log.note("v0", 0)) => log.note("b0", ()),
                send(log.note("c1", at(1)), log.note("v1", 1)) => log.note("b1", ()),
                send(log.note("c2", at(2)), log.note("v2", 2)) => log.note("b2", ()),
            }
            log.took(&["c0", "v0", "c1", "v1", "c2", "v2", ["b0", "b1", "b2"][turn]]);
        }
        select! {
            recv(log.note("c0", at(0))) -> v => assert_eq!(log.note("b0", v), Some(0)),
            recv(log.note("c1", at(1))) -> v => assert_eq!(log.note("b1", v), Some(1)),
            send(log.note("c2", &nil), log.note("v2", 2)) => panic!(),
            recv(log.note("c3", at(2))) -> v => assert_eq!(log.note("b2", v), Some(2)),
            default => panic!(),
        }
        log.took(&["c0", "c1", "c2", "v2", "c3", ["b0", "b1", "b2"][turn]]);
    }
    // A case that makes another one ready by being evaluated; one within another.
    let both = select! {
        recv(log.note("c", &never)) -> _ => 0,
        send(
            log.note("outer", &ready),
            select! { send(log.note("inner", &nil), 1) => panic!(), default => log.note("d", 5) },
        ) => log.note("sent", 1),
    };
    log.took(&["c", "outer", "inner", "d", "sent"]);
    assert_eq!((both, ready.recv()), (1, Some(5)));
}

/// chan/select6.go: J7; a losing select at the tail of a line must not break later waiters.
fn select6(cap: usize) {
    let (c1, c2) = (chan::<u32>(cap), chan::<u32>(cap));
    let (c3, c4) = (chan::<u32>(cap), chan::<u32>(cap));
    let (a, x) = (c1.clone(), c3.clone());
    drop(go(move || {
        a.recv();
        x.send(1)
    }));
    until_receivers(&c1, 1);
    let (a, b, x) = (c1.clone(), c2.clone(), c3.clone());
    drop(go(move || {
        select! {
            recv(a) -> _ => panic!("served out of turn"),
            recv(b) -> _ => x.send(2),
        }
    }));
    until_receivers(&c1, 2);
    c2.send(0); // the tail of c1's line goes
    assert_eq!(c3.recv(), Some(2));
    let (a, x) = (c1.clone(), c4.clone());
    drop(go(move || {
        a.recv();
        x.send(3)
    }));
    until_receivers(&c1, 2);
    c1.send(0);
    c1.send(0);
    assert_eq!((c3.recv(), c4.recv()), (Some(1), Some(3)));
}

/// chan/select7.go: J3, J4; kinds of receive against kinds of send.
fn select7(cap: usize) {
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
            let c = chan::<u32>(cap);
            let d = c.clone();
            let sender = go(move || send(&d));
            receive(&c);
            sender.join().unwrap();
        }
    }
}

/// chan/select8.go: break, continue and labels leave the arms.
fn select8(cap: usize) {
    let c = chan::<u32>(cap);
    let d = c.clone();
    let sender = go(move || (0..6).for_each(|i| d.send(i)));
    let mut seen = Vec::new();
    let out = 'outer: loop {
        loop {
            select! {
                recv(c) -> v => match v {
                    Some(1) => continue,
                    Some(2) => continue 'outer,
                    Some(5) => break 'outer 9,
                    Some(4) => break,
                    v => seen.extend(v),
                }
            }
        }
        seen.push(100);
    };
    sender.join().unwrap();
    assert_eq!((out, seen), (9, vec![0, 3, 100]));
}
