//! What a goroutine has in its hands when it is stopped stays true: registers, heap, locks, thread.
#![expect(clippy::disallowed_types, reason = "blocking the M is what is tested")]

use crate::field::on;
use crate::hogs::{Stop, hogs};
use gaggle::sync::WaitGroup;
use gaggle::time;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Lets `body`'s goroutines be interrupted for a while.
pub(crate) fn for_a_while(procs: usize, count: usize, work: impl Fn(u64) + Clone + Send + 'static) {
    on(procs, move || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        let rounds = hogs(count, &stop, &wg, work);
        (0..30).for_each(|_| time::sleep(Duration::from_millis(5)));
        stop.now();
        wg.wait();
        assert!(rounds.iter().all(|it| it.load(Ordering::Relaxed) > 0), "each has run");
    });
}

#[test]
fn the_heap_survives_interruptions_inside_malloc() {
    for_a_while(2, 6, |round| {
        let mut map = HashMap::new();
        for i in 0..50 {
            map.insert(format!("key {i} of {round}"), vec![i; (i % 13) as usize]);
        }
        assert_eq!(
            map.values().map(Vec::len).sum::<usize>(),
            (0..50).map(|i| i % 13).sum::<usize>()
        );
    });
}

#[test]
fn holders_of_std_mutexes_are_never_stopped_for_good() {
    for procs in [1, 2] {
        let shared = Arc::new(Mutex::new(vec![0u64; 64]));
        for_a_while(procs, 4, move |_| {
            let mut all = shared.lock().unwrap();
            let first = all[0];
            all.iter_mut().for_each(|it| {
                assert_eq!(*it, first, "somebody else was inside");
                *it += 1;
            });
        });
    }
}

/// A dot product in floating point, wide enough for vector registers.
#[inline(never)]
fn dot(a: &[f64; 256], b: &[f64; 256]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        (0..8).for_each(|i| sums[i] = a[i].mul_add(b[i], sums[i]));
    }
    sums.iter().sum()
}

#[test]
fn floating_point_is_exact_to_the_bit() {
    let a: [f64; 256] = std::array::from_fn(|i| (i as f64).sin());
    let b: [f64; 256] = std::array::from_fn(|i| (i as f64).cos());
    let right = dot(&a, &b).to_bits();
    for_a_while(1, 3, move |_| {
        let (a, b) = std::hint::black_box((&a, &b));
        assert_eq!(dot(a, b).to_bits(), right);
    });
}

thread_local! {
    static MARK: Cell<u64> = const { Cell::new(0) };
}

#[test]
fn a_thread_local_borrowed_while_computing_is_the_same_one_afterwards() {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    for_a_while(2, 6, |_| {
        // No switch point inside: the goroutine keeps its thread, however often it is stopped.
        MARK.with(|mark| {
            let mine = NEXT.fetch_add(1, Ordering::Relaxed);
            mark.set(mine);
            (0..20_000).for_each(|i| _ = std::hint::black_box(i));
            assert_eq!(mark.get(), mine);
        });
    });
}
