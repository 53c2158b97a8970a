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
const fn hops(name: &'static str, n: u64, weight: Weight, hop: fn(u64) -> Vec<Figure>) -> Shape {
    let about = "one hop of a token that goes around so many goroutines";
    Shape { name, about, n, weight, work: Work::Own(hop) }
}

const fn yields(
    name: &'static str,
    n: u64,
    weight: Weight,
    round: fn(u64) -> Vec<Figure>,
) -> Shape {
    let about = "one gosched of so many goroutines that do nothing else";
    Shape { name, about, n, weight, work: Work::Own(round) }
}

const BIG: Weight = Weight::Heavy { mebibytes: 8_000 };
const MILLION: u64 = 1_000_000;

pub(super) static SHAPES: [Shape; 8] = [
    hops("hop_among_10", MILLION, Weight::Light, |n| hop(n, 10)),
    hops("hop_among_1k", MILLION, Weight::Light, |n| hop(n, 1_000)),
    hops("hop_among_100k", MILLION, Weight::Light, |n| hop(n, 100_000)),
    hops("hop_among_1m", 4 * MILLION, BIG, |n| hop(n, MILLION)),
    yields("yield_among_10", 2 * MILLION, Weight::Light, |n| gosched(n, 10)),
    yields("yield_among_1k", 2 * MILLION, Weight::Light, |n| gosched(n, 1_000)),
    yields("yield_among_100k", 2 * MILLION, Weight::Light, |n| gosched(n, 100_000)),
    yields("yield_among_1m", 4 * MILLION, BIG, |n| gosched(n, MILLION)),
];

/// How often it is each one's turn, at least: so what comes once for each, to be woken and to end, counts little.
const LAPS: u64 = 4;

/// As many goroutines as `n` operations are enough for: a short run has fewer.
pub(crate) fn members(n: u64, most: u64) -> u64 {
    most.min(n / LAPS).max(2)
}

/// `n` hops in a ring, and a lap before them that is not measured.
fn hop(n: u64, most: u64) -> Vec<Figure> {
    let (first, finish) = (chan::<u64>(0), chan::<()>(0));
    let (members, all) = (members(n, most), WaitGroup::new());
    let mut from = first.clone();
    for member in 1..=members {
        let to = if member == members { first.clone() } else { chan(0) };
        let (input, finish) = (from, finish.clone());
        from = to.clone();
        all.go(move || pass_on(&input, &to, &finish));
    }
    first.send(members);
    assert_eq!(finish.recv(), Some(()));
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

/// `n` yields, the same number of each; all have made one, and wait, before the first of them.
fn gosched(n: u64, most: u64) -> Vec<Figure> {
    let members = members(n, most);
    let (each, count) = (n / members, Arc::new(Uint64::new(0)));
    let (gate, begun, all) = (chan::<()>(0), WaitGroup::new(), WaitGroup::new());
    begun.add(members as i32);
    for _ in 0..members {
        let (count, gate, begun) = (Arc::clone(&count), gate.clone(), begun.clone());
        all.go(move || {
            gaggle::runtime::gosched();
            begun.done();
            assert_eq!(gate.recv(), None);
            for _ in 0..each {
                gaggle::runtime::gosched();
            }
            count.add(each);
        });
    }
    begun.wait();
    let meter = Meter::start();
    gate.close();
    all.wait();
    let figures = meter.stop().per(each * members, "op").into();
    assert_eq!(count.load(), each * members);
    figures
}
