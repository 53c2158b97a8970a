//! Work in as many lanes as there are processors.
//!
//! 1. Every item is worked on once, in order of beginning.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does `work` for each, as many at once as there are processors.
pub(crate) fn in_lanes<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    // Relaxed: a ticket; the items are there before the threads.
    let lane = || {
        let mut done = Vec::new();
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(work(item));
        }
        done
    };
    let lanes = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..lanes).map(|_| scope.spawn(lane)).collect();
        lanes.into_iter().flat_map(|lane| lane.join().expect("work does not panic")).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::in_lanes;

    #[test]
    fn each_item_is_worked_on_once() {
        let mut done = in_lanes(&[1, 2, 3, 4, 5], |item| item * 10);
        done.sort_unstable();
        assert_eq!(done, [10, 20, 30, 40, 50]);
    }
}
