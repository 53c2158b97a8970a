//! Small whole programs.

use super::{Shape, Weight, Work};
use gaggle::{Chan, chan};

const MEMBERS: u64 = 1000;

pub(super) static SHAPES: [Shape; 2] = [
    Shape {
        name: "ring_1000",
        about: "one hop of a token around a ring of 1000 goroutines, unbuffered",
        n: 2_000_000,
        weight: Weight::Light,
        work: Work::Warm(ring_1000),
    },
    Shape {
        name: "skynet_1m",
        about: "one leaf of a tree of goroutines, ten below each, that sum up their numbers",
        n: 1_000_000,
        weight: Weight::Light,
        work: Work::Cold(skynet_1m),
    },
];

/// Sends the sum of the numbers from `first` up to `end`, found by up to ten below it.
fn skynet(to: &Chan<u64>, first: u64, end: u64) {
    let size = end - first;
    if size == 1 {
        return to.send(first);
    }
    let children = size.min(10);
    let sums = chan(0);
    for child in 0..children {
        let part = first + size * child / children..first + size * (child + 1) / children;
        let sums = sums.clone();
        gaggle::go(move || skynet(&sums, part.start, part.end));
    }
    to.send((0..children).filter_map(|_| sums.recv()).sum());
}

/// A tree ten wide if `n` is a power of ten.
fn skynet_1m(n: u64) {
    let all = chan(0);
    let root = all.clone();
    gaggle::go(move || skynet(&root, 0, n));
    assert_eq!(all.recv(), Some(n * (n - 1) / 2));
}

/// The token counts the hops that are left; every member passes it on with one less. The main
/// goroutine closes the ring, and is no member.
fn ring_1000(n: u64) {
    let first = chan::<u64>(0);
    let finish = chan::<u64>(0);
    let mut from = first.clone();
    for member in 1..=MEMBERS {
        let to = if member == MEMBERS { first.clone() } else { chan(0) };
        let (input, finish) = (from, finish.clone());
        from = to.clone();
        gaggle::go(move || {
            for hops in input.iter() {
                if hops == 0 {
                    finish.send(member);
                    break;
                }
                to.send(hops - 1);
            }
            to.close(); // so the neighbour ends too
        });
    }
    first.send(n);
    assert_eq!(finish.recv(), Some(n % MEMBERS + 1));
}
