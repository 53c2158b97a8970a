//! Select: waiting for several channels, and not waiting.

use super::{Shape, Weight, Work};
use gaggle::{chan, select};
use std::hint::black_box;

pub(super) static SHAPES: [Shape; 2] = [
    Shape {
        name: "select_two",
        about: "one value by a select over two unbuffered channels, a producer on each",
        n: 1_500_000,
        weight: Weight::Light,
        work: Work::Warm(select_two),
    },
    Shape {
        name: "select_default",
        about: "one select over one empty channel, which takes its default",
        n: 100_000_000,
        weight: Weight::Light,
        work: Work::Warm(select_default),
    },
];

fn select_two(n: u64) {
    let (odd, even) = (chan::<u64>(0), chan::<u64>(0));
    for (first, out) in [(0, even.clone()), (1, odd.clone())] {
        gaggle::go(move || {
            for i in (first..n).step_by(2) {
                out.send(i);
            }
        });
    }
    let mut sum = 0;
    for _ in 0..n {
        sum += select! {
            recv(odd) -> value => value.expect("nobody closes it"),
            recv(even) -> value => value.expect("nobody closes it"),
        };
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

fn select_default(n: u64) {
    let empty = chan::<u64>(0);
    let mut missed = 0;
    for _ in 0..n {
        let empty = black_box(&empty);
        select! {
            recv(empty) -> value => panic!("{value:?} out of nothing"),
            default => missed += 1,
        }
    }
    assert_eq!(missed, n);
}
