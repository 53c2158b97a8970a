//! Plain OS threads and goroutines over one channel, in all four combinations.
//!
//! *By The Real Clock*: plain threads take part, which belong to no bubble.

use crate::field::alone;
use gaggle::{Chan, chan, go, time};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Goroutine,
    Thread,
}

const KINDS: [Kind; 2] = [Kind::Goroutine, Kind::Thread];
const EACH: u64 = 500;

/// Starts `f` as a goroutine or as a thread of its own.
fn start(kind: Kind, f: impl FnOnce() + Send + 'static) {
    match kind {
        Kind::Goroutine => go(f),
        Kind::Thread => drop(std::thread::spawn(f)),
    }
}

/// Two senders, two receivers: each value arrives once, those of one sender in order at each
/// receiver.
fn all_arrive(from: Kind, to: Kind, cap: usize) {
    let (c, answers): (Chan<(usize, u64)>, _) = (chan(cap), chan(2));
    for sender in 0..2 {
        let c = c.clone();
        start(from, move || (0..EACH).for_each(|at| c.send((sender, at))));
    }
    for _ in 0..2 {
        let (c, answers) = (c.clone(), answers.clone());
        start(to, move || {
            let (mut seen, mut sum, mut count) = ([None; 2], 0, 0);
            for _ in 0..EACH {
                let (sender, at) = c.recv().expect("nobody closes it");
                assert!(seen[sender] < Some(at), "{at} of {sender} after {:?}", seen[sender]);
                seen[sender] = Some(at);
                sum += at;
                count += 1;
            }
            answers.send((sum, count));
        });
    }
    let (one, two): ((u64, u64), (u64, u64)) = (answers.recv().unwrap(), answers.recv().unwrap());
    assert_eq!(one.0 + two.0, EACH * (EACH - 1), "{from:?} to {to:?}, cap {cap}");
    assert_eq!(one.1 + two.1, 2 * EACH);
    assert!(c.try_recv().is_err());
}

fn in_all_combinations() {
    for from in KINDS {
        for to in KINDS {
            for cap in [0, 1, 8] {
                all_arrive(from, to, cap);
            }
        }
    }
}

#[test]
fn every_combination_works_when_main_is_a_goroutine() {
    crate::field::on_each(in_all_combinations);
}

#[test]
fn every_combination_works_when_main_is_a_thread() {
    let _alone = alone();
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(|| ()) }; // goroutines are started by a thread from here on
    in_all_combinations();
}

/// Every way to wait, on a plain thread, for a goroutine.
#[test]
fn a_thread_waits_for_goroutines_in_every_way() {
    let _alone = alone();
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(|| ()) };
    let c = chan(0);
    let theirs = c.clone();
    go(move || {
        time::sleep(Duration::from_millis(2));
        theirs.send(1);
    });
    assert_eq!(c.recv(), Some(1));
    let theirs = c.clone();
    go(move || theirs.send(2));
    gaggle::select! {
        recv(c) -> value => assert_eq!(value, Some(2)),
    }
    let wg = gaggle::sync::WaitGroup::new();
    wg.go(|| time::sleep(Duration::from_millis(1)));
    wg.wait();
    assert_eq!(gaggle::spawn(|| 3).join().unwrap(), 3);
    assert!(c.recv_timeout(Duration::from_millis(1)).is_err());
    assert!(time::after(Duration::from_millis(1)).recv().is_some());
}
