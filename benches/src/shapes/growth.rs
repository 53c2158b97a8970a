//! One work among more and more goroutines, on more and more Ps.
//!
//! Everything else the same, a cost that stays flat from ten goroutines to a million means that nothing
//! in the scheduler is counted in goroutines.

use super::{Shape, Weight, Work};
use crate::figures::Figure;
use crate::meter::Meter;
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Uint64;
use gaggle::{Chan, chan};
use std::sync::Arc;

/// A shape among so many goroutines.
const fn hops(name: &'static str, weight: Weight, hop: fn(u64) -> Vec<Figure>) -> Shape {
    let about = "one hop of a token that goes around so many goroutines";
    Shape { name, about, n: 1_000_000, weight, work: Work::Own(hop) }
}

const fn yields(name: &'static str, weight: Weight, round: fn(u64) -> Vec<Figure>) -> Shape {
    let about = "one gosched of so many goroutines that do nothing else";
    Shape { name, about, n: 2_000_000, weight, work: Work::Own(round) }
}

const BIG: Weight = Weight::Heavy { mebibytes: 8_000 };

pub(super) static SHAPES: [Shape; 8] = [
    hops("hop_among_10", Weight::Light, |n| hop(n, 10)),
    hops("hop_among_1k", Weight::Light, |n| hop(n, 1_000)),
    hops("hop_among_100k", Weight::Light, |n| hop(n, 100_000)),
    hops("hop_among_1m", BIG, |n| hop(n, 1_000_000)),
    yields("yield_among_10", Weight::Light, |n| gosched(n, 10)),
    yields("yield_among_1k", Weight::Light, |n| gosched(n, 1_000)),
    yields("yield_among_100k", Weight::Light, |n| gosched(n, 100_000)),
    yields("yield_among_1m", BIG, |n| gosched(n, 1_000_000)),
];

/// No more goroutines than operations, so that a short run is short.
fn members(n: u64, most: u64) -> u64 {
    most.min(n)
}

/// `n` hops in a ring; all members wait on their channels before the first.
fn hop(n: u64, most: u64) -> Vec<Figure> {
    let (waiting, first, finish) = (WaitGroup::new(), chan::<u64>(0), chan::<()>(0));
    let (members, all) = (members(n, most), WaitGroup::new());
    let mut from = first.clone();
    for member in 1..=members {
        let to = if member == members { first.clone() } else { chan(0) };
        let (input, finish) = (from, finish.clone());
        from = to.clone();
        waiting.add(1);
        let waiting = waiting.clone();
        all.go(move || {
            waiting.done();
            pass_on(&input, &to, &finish);
        });
    }
    waiting.wait();
    let meter = Meter::start();
    first.send(n);
    assert_eq!(finish.recv(), Some(()));
    let figures = meter.stop().per(n, "op").into();
    first.close();
    all.wait();
    figures
}

fn pass_on(input: &Chan<u64>, to: &Chan<u64>, finish: &Chan<()>) {
    for hops in input {
        if hops == 0 {
            finish.send(());
        } else {
            to.send(hops - 1);
        }
    }
    _ = to.try_close(); // so the next one ends too; the first one's is closed
}

/// `n` yields, the same number of each.
fn gosched(n: u64, most: u64) -> Vec<Figure> {
    let members = members(n, most);
    let (each, count) = (n / members, Arc::new(Uint64::new(0)));
    let (gate, all) = (chan::<()>(0), WaitGroup::new());
    for _ in 0..members {
        let (count, gate) = (Arc::clone(&count), gate.clone());
        all.go(move || {
            assert_eq!(gate.recv(), None);
            for _ in 0..each {
                gaggle::runtime::gosched();
            }
            count.add(each);
        });
    }
    gaggle::runtime::gosched();
    let meter = Meter::start();
    gate.close();
    all.wait();
    let figures = meter.stop().per(each * members, "op").into();
    assert_eq!(count.load(), each * members);
    figures
}
