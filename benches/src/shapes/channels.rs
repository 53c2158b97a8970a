//! Values through one channel.

use super::{Shape, Weight, Work};
use gaggle::sync::WaitGroup;
use gaggle::{Chan, chan};
use std::hint::black_box;

pub(super) static SHAPES: [Shape; 4] = [
    Shape {
        name: "oneway_cap0",
        about: "one value from one goroutine to another, unbuffered",
        n: 1_500_000,
        weight: Weight::Light,
        work: Work::Warm(|n| oneway(n, 0)),
    },
    Shape {
        name: "oneway_cap128",
        about: "one value from one goroutine to another, buffer of 128",
        n: 8_000_000,
        weight: Weight::Light,
        work: Work::Warm(|n| oneway(n, 128)),
    },
    Shape {
        name: "uncontended_cap128",
        about: "one send and one receive in one goroutine, buffer of 128",
        n: 10_000_000,
        weight: Weight::Light,
        work: Work::Warm(uncontended),
    },
    Shape {
        name: "prodcons_4x4_cap128",
        about: "one value from one of four producers to one of four consumers, buffer of 128",
        n: 6_000_000,
        weight: Weight::Light,
        work: Work::Warm(prodcons_4x4),
    },
];

fn oneway(n: u64, cap: usize) {
    let values = chan::<u64>(cap);
    let out = values.clone();
    gaggle::go(move || {
        for i in 0..n {
            out.send(i);
        }
        out.close();
    });
    let mut sum = 0;
    for value in values.iter() {
        sum += value;
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

fn uncontended(n: u64) {
    let values = black_box(chan::<u64>(128));
    let mut sum = 0;
    for i in 0..n {
        values.send(i);
        sum += values.recv().expect("it is open");
    }
    assert_eq!(sum, n * (n - 1) / 2);
}

fn prodcons_4x4(n: u64) {
    const SIDES: u64 = 4;
    let (values, sums) = (chan::<u64>(128), chan::<u64>(0));
    let producers = WaitGroup::new();
    for producer in 0..SIDES {
        let out = values.clone();
        producers.go(move || {
            for i in (producer..n).step_by(SIDES as usize) {
                out.send(i);
            }
        });
    }
    for _ in 0..SIDES {
        let (values, sums) = (values.clone(), sums.clone());
        gaggle::go(move || sums.send(total(&values)));
    }
    producers.wait();
    values.close();
    let sum: u64 = (0..SIDES).map(|_| sums.recv().expect("one sum of each consumer")).sum();
    assert_eq!(sum, n * (n - 1) / 2);
}

fn total(values: &Chan<u64>) -> u64 {
    let mut sum = 0;
    for value in values.iter() {
        sum += value;
    }
    sum
}
