//! Trees of goroutines.

use gaggle::{Chan, chan};

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
pub(super) fn skynet_1m(n: u64) {
    let all = chan(0);
    let root = all.clone();
    gaggle::go(move || skynet(&root, 0, n));
    assert_eq!(all.recv(), Some(n * (n - 1) / 2));
}

/// Sends the sum of the numbers from `first` up to `end`: the middle one is its own, the others come
/// from the halves below it.
fn sum(to: &Chan<u64>, first: u64, end: u64) {
    let middle = u64::midpoint(first, end);
    let below = chan(2);
    let parts = [(first, middle), (middle + 1, end)];
    let parts = parts.into_iter().filter(|(first, end)| first < end);
    let started = parts.map(|(first, end)| {
        let below = below.clone();
        gaggle::go(move || sum(&below, first, end));
    });
    let started = started.count();
    to.send(middle + (0..started).filter_map(|_| below.recv()).sum::<u64>());
}

pub(super) fn tree_sum(n: u64) {
    let all = chan(0);
    let root = all.clone();
    gaggle::go(move || sum(&root, 0, n));
    assert_eq!(all.recv(), Some(n * (n - 1) / 2));
}
