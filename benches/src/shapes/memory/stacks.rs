//! Memory of goroutines whose stacks reach deeper and deeper.

use super::resident;
use crate::figures::{Figure, Unit};
use crate::shapes::{Shape, Weight, Work};
use gaggle::sync::WaitGroup;
use gaggle::sync::atomic::Uint64;
use gaggle::{Chan, chan};
use std::hint::black_box;
use std::sync::Arc;

/// A row of the table.
pub(super) const fn row<const BYTES: usize>(name: &'static str) -> Shape {
    let about = "memory of a goroutine that has used so many bytes of its stack, and waits";
    let weight = Weight::Heavy { mebibytes: 2_500 };
    Shape { name, about, n: 100_000, weight, work: Work::Own(used::<BYTES>) }
}

/// `n` goroutines with `BYTES` in use below them, parked.
fn used<const BYTES: usize>(n: u64) -> Vec<Figure> {
    let (gate, all) = (chan::<()>(0), WaitGroup::new());
    let arrived = Arc::new(Uint64::new(0));
    let before = resident();
    for _ in 0..n {
        let (gate, arrived) = (gate.clone(), Arc::clone(&arrived));
        all.go(move || wait_below::<BYTES>(&gate, &arrived));
    }
    while arrived.load() < n {
        gaggle::runtime::gosched();
    }
    let bytes = resident().saturating_sub(before) as f64 / n as f64;
    gate.close();
    all.wait();
    vec![Figure::new("resident", Unit::Bytes, bytes)]
}

#[inline(never)]
fn wait_below<const BYTES: usize>(gate: &Chan<()>, arrived: &Uint64) {
    let frame = black_box([1u8; BYTES]);
    arrived.add(1);
    assert_eq!(gate.recv(), None);
    black_box(&frame);
}
