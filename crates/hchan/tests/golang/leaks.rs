//! Programs about what is left behind: nothing (J9).

use crate::env::go;
use crate::heap;
use crate::tools::rounds;
use gaggle_hchan::{Chan, chan, select};

tests! { select2 issue9110 }

fn sender(c: &Chan<u32>, n: u32) {
    let idle = chan::<u32>(1); // full: never chosen
    idle.send(0);
    for _ in 0..n {
        select! { send(c, 1) => {}, send(idle, 2) => panic!("it is full") }
    }
}

fn receiver(c: &Chan<u32>, idle: &Chan<u32>, n: u32) {
    for _ in 0..n {
        select! { recv(c) -> v => assert_eq!(v, Some(1)), recv(idle) -> _ => panic!("it is idle") }
    }
}

/// chan/select2.go: J7, J9; selects that also name an idle channel leave nothing in its lines.
fn select2(cap: usize) {
    let n = rounds(16_000, 100_000);
    let (c, idle) = (chan::<u32>(cap), chan::<u32>(cap));
    let round = |n| {
        let d = c.clone();
        let partner = go(move || sender(&d, n));
        receiver(&c, &idle, n);
        partner.join().unwrap();
    };
    round(n);
    let before = heap::bytes();
    round(n);
    let grown = heap::bytes() - before;
    assert!(grown < 110_000, "{n} selects left {grown} bytes behind");
    let nobody = "senders_waiting: 0, receivers_waiting: 0";
    assert!(format!("{idle:?}").contains(nobody), "{idle:?}");
}

/// fixedbugs/issue9110.go: J7, J9; nodes of select that a close took leave nothing behind, round
/// after round. The half about `Cond` is in `tests/tests/chan/cond.rs`.
fn issue9110(cap: usize) {
    const ROUNDS: usize = 10;
    let round = || {
        let (c, never) = (chan::<u32>(cap), chan::<u32>(0));
        let all: Vec<_> = (0..20)
            .map(|_| {
                let (c, never) = (c.clone(), never.clone());
                go(move || select! { recv(c) -> v => v, recv(never) -> v => v })
            })
            .collect();
        crate::tools::until_receivers(&c, 20);
        c.close();
        all.into_iter().for_each(|one| assert_eq!(one.join().unwrap(), None));
    };
    (0..3).for_each(|_| round());
    let before = heap::objects();
    (0..ROUNDS).for_each(|_| round());
    let grown = heap::objects() - before;
    assert!(grown <= 20, "{ROUNDS} rounds left {grown} objects behind");
}
