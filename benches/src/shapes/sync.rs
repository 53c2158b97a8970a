//! Package sync.

use super::{Shape, Weight, Work};
use gaggle::sync::Mutex;
use std::hint::black_box;

pub(super) static SHAPES: [Shape; 1] = [Shape {
    name: "mutex_uncontended",
    about: "lock, add one, unlock, with nobody else there",
    n: 30_000_000,
    weight: Weight::Light,
    work: Work::Warm(mutex_uncontended),
}];

fn mutex_uncontended(n: u64) {
    let count = Mutex::new(0_u64);
    for _ in 0..n {
        *black_box(&count).lock() += 1;
    }
    assert_eq!(*count.lock(), n);
}
