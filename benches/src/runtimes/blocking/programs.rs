//! Small whole programs, on whoever lets a goroutine block.

use super::{Blocking, start_and_wait};
use crate::shapes::programs::below;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const MEMBERS: u64 = 1000;

pub(super) fn ring<R: Blocking>(n: u64) {
    let (finish, finished) = R::chan(1);
    let (first, mut from) = R::chan(0);
    for member in 1..=MEMBERS {
        let (to, next) = if member == MEMBERS { (first.clone(), None) } else { super::pair::<R>() };
        let (input, finish) = (from, finish.clone());
        R::go(move || {
            while let Some(hops) = R::recv(&input) {
                if hops == 0 {
                    R::send(&finish, member);
                    break;
                }
                R::send(&to, hops - 1);
            }
            R::close(to); // so the neighbour ends too
        });
        let Some(next) = next else { break };
        from = next;
    }
    R::send(&first, n);
    assert_eq!(R::recv(&finished), Some(n % MEMBERS + 1));
}

pub(super) fn skynet<R: Blocking>(n: u64) {
    let (root, all) = R::chan(0);
    R::go(move || leaf_or_ten::<R>(&root, 0, n));
    assert_eq!(R::recv(&all), Some(n * (n - 1) / 2));
}

fn leaf_or_ten<R: Blocking>(to: &R::Sender, first: u64, end: u64) {
    let size = end - first;
    if size == 1 {
        return R::send(to, first);
    }
    let children = size.min(10);
    let (sum, sums) = R::chan(0);
    for child in 0..children {
        let (start, end) = (first + size * child / children, first + size * (child + 1) / children);
        let sum = sum.clone();
        R::go(move || leaf_or_ten::<R>(&sum, start, end));
    }
    R::send(to, (0..children).filter_map(|_| R::recv(&sums)).sum());
}

/// Every link adds one to what it gets from its right.
pub(super) fn daisy_chain<R: Blocking>(n: u64) {
    let (mut left, leftmost) = R::chan(0);
    for _ in 0..n {
        let (right, from) = R::chan(0);
        R::go(move || R::send(&left, 1 + R::recv(&from).expect("the chain is whole")));
        left = right;
    }
    R::go(move || R::send(&left, 0));
    assert_eq!(R::recv(&leftmost), Some(n));
}

/// Candidates go through a filter for each prime found. Without a select nobody can tell the first
/// goroutine to stop; it counts to the last prime, which is known.
pub(super) fn prime_sieve<R: Blocking>(n: u64) {
    let (to, mut from) = R::chan(0);
    let last = if n == 2_000 { 17_389 } else { 20 * n };
    R::go(move || {
        (2..=last).for_each(|candidate| R::send(&to, candidate));
        R::close(to);
    });
    let mut prime = 0;
    for _ in 0..n {
        prime = R::recv(&from).expect("there is always another prime");
        let (to, next) = R::chan(0);
        let (input, of) = (from, prime);
        R::go(move || {
            while let Some(candidate) = R::recv(&input) {
                if candidate % of != 0 {
                    R::send(&to, candidate);
                }
            }
            R::close(to);
        });
        from = next;
    }
    while R::recv(&from).is_some() {} // the last filter has ended
    assert!(n != 2_000 || prime == 17_389, "{prime}");
}

/// The middle one is a node's own, the others come from the halves below it.
fn sum<R: Blocking>(to: &R::Sender, first: u64, end: u64) {
    let middle = u64::midpoint(first, end);
    let (part, below) = R::chan(2);
    let parts = [(first, middle), (middle + 1, end)];
    let parts = parts.into_iter().filter(|(first, end)| first < end);
    let started = parts.map(|(first, end)| {
        let part = part.clone();
        R::go(move || sum::<R>(&part, first, end));
    });
    let started = started.count();
    R::send(to, middle + (0..started).filter_map(|_| R::recv(&below)).sum::<u64>());
}

pub(super) fn tree_sum<R: Blocking>(n: u64) {
    let (root, all) = R::chan(1);
    R::go(move || sum::<R>(&root, 0, n));
    assert_eq!(R::recv(&all), Some(n * (n - 1) / 2));
}

const STARTERS: u64 = 100;

pub(super) fn spawn_storm<R: Blocking>(n: u64) {
    let sum = Arc::new(AtomicU64::new(0));
    let (all, ended) = R::chan(1);
    let (left, each) = (Arc::new(AtomicU64::new(n)), n.div_ceil(STARTERS));
    let shared = Arc::clone(&sum);
    start_and_wait::<R>(STARTERS, move |starter| {
        for number in starter * each..n.min((starter + 1) * each) {
            let (sum, left, all) = (Arc::clone(&shared), Arc::clone(&left), all.clone());
            R::go(move || {
                // AcqRel: as strong as ours beside it.
                sum.fetch_add(below(number % 50), Ordering::AcqRel);
                // AcqRel: the last one comes after what all others did.
                if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                    R::send(&all, 0);
                }
            });
        }
    });
    assert_eq!(R::recv(&ended), Some(0));
    let exact: u64 = (0..n).map(|number| below(number % 50)).sum();
    assert_eq!(sum.load(Ordering::Acquire), exact); // Acquire: of the additions above
}
