//! Stacks are had from the depot by who computes, too: coroutines on goroutines.

use crate::field::on;
use crate::hogs::{Stop, hogs};
use gaggle::sync::WaitGroup;
use gaggle::{Builder, time};
use gaggle_coro::{Coroutine, Step, Suspend, stack};
use std::time::Duration;

/// Sums up to `n` in steps, on a stack of its own.
fn sum_up_to(n: u64) -> u64 {
    let body = |suspend: &Suspend<u64, u64, u64>, first: u64| {
        let second = suspend.suspend(first);
        first + second
    };
    // SAFETY: it ends in this function, and borrows nothing.
    let mut sums = unsafe { Coroutine::new(1 << 20, body) }.unwrap();
    match (sums.resume(n), sums.resume(1)) {
        (Step::Suspended(first), Step::Done(sum)) => first + sum,
        _ => 0,
    }
}

/// One that is stopped while it holds the depot's lock would stop the only P: whoever has it waits for that
/// lock inside the runtime.
#[test]
fn who_takes_stacks_all_the_time_is_not_stopped_with_the_depot_in_hand() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(2, &stop, &wg, |n| assert_eq!(sum_up_to(n), 2 * n + 1));
        hogs(1, &stop, &wg, |_| assert!(stack::stats().slabs > 0));
        for n in 0..40 {
            let large = Builder::new().stack_size(1 << 20);
            let sum = large.spawn(move || sum_up_to(n)).join().unwrap();
            assert_eq!(sum, 2 * n + 1);
            time::sleep(Duration::from_millis(2));
        }
        stop.now();
        wg.wait();
    });
}
