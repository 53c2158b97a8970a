//! Calls on a stack that the P lends (`on_lent_stack`), which is what a poll within `block_on` is.

use crate::field::{on, on_each, yield_until};
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, runtime, spawn, time};
use gaggle_coro::stack::stats;
use gaggle_coro::{Coroutine, Step, Suspend};
use gaggle_sched::on_lent_stack;
use std::hint::black_box;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A page's worth of words that only `who` has.
fn pattern(who: usize) -> [usize; 512] {
    std::array::from_fn(|at| who << 16 | at)
}

/// Waits in one of several ways.
fn waits(how: usize) {
    match how % 4 {
        0 => runtime::gosched(),
        1 => time::sleep(Duration::from_micros(20)),
        2 => {
            let (ask, answer) = (chan(0), chan(0));
            let (asked, told) = (ask.clone(), answer.clone());
            go(move || told.send(asked.recv()));
            ask.send(how);
            assert_eq!(answer.recv(), Some(Some(how)));
        }
        _ => runtime::syscall(|| ()),
    }
}

#[test]
fn what_lies_on_both_stacks_stays_while_goroutines_wait_and_ps_change() {
    on(4, || {
        let (wg, left) = (WaitGroup::new(), Arc::new(AtomicUsize::new(64)));
        for who in 0..64 {
            let left = Arc::clone(&left);
            wg.go(move || {
                let own = black_box(pattern(who));
                for round in 0..50 {
                    let sum = on_lent_stack(|| {
                        let lent = black_box(pattern(who + round));
                        waits(who + round);
                        let inner = on_lent_stack(|| {
                            waits(round);
                            black_box(pattern(round)).iter().sum::<usize>()
                        });
                        assert_eq!(lent, pattern(who + round));
                        inner
                    });
                    assert_eq!(sum, pattern(round).iter().sum::<usize>());
                }
                assert_eq!(own, pattern(who));
                left.fetch_sub(1, Ordering::Relaxed);
            });
        }
        for procs in (1..=4).cycle().take_while(|_| left.load(Ordering::Relaxed) > 0) {
            runtime::gomaxprocs(procs);
            runtime::gosched();
        }
        wg.wait();
    });
}

#[test]
fn a_panic_and_goexit_give_the_stack_back() {
    on_each(|| {
        let ends = |how: usize| {
            let end = spawn(move || {
                on_lent_stack(|| match how {
                    0 => resume_unwind(Box::new("within")), // as a panic, without its hook
                    1 => runtime::goexit(),
                    _ => runtime::gosched(),
                });
            });
            end.join()
        };
        (0..300).for_each(|how| drop(ends(how % 3)));
        let before = stats().live;
        for round in 0..3000 {
            assert_eq!(ends(round % 3).is_ok(), round % 3 == 2);
        }
        let more = stats().live.saturating_sub(before);
        assert!(more < 1000, "{more} more stacks are out than before 3000 calls");
    });
}

#[inline(never)]
fn computes_on_a_lent_stack(until: &AtomicUsize) {
    black_box(on_lent_stack(|| computes(until)));
}

#[inline(never)]
fn computes(until: &AtomicUsize) -> usize {
    while until.load(Ordering::Relaxed) != 2 {
        until.compare_exchange(0, 1, Ordering::Relaxed, Ordering::Relaxed).unwrap_or(0);
    }
    black_box(7)
}

/// SEMANTICS V5.
#[test]
fn a_dump_shows_who_computes_there_with_its_callers() {
    if cfg!(gaggle_tsan) {
        println!(
            "left out: the sanitizer's own functions, in which it is interrupted, have no unwind tables"
        );
        return;
    }
    on(2, || {
        let until = Arc::new(AtomicUsize::new(0));
        let theirs = Arc::clone(&until);
        let computing = spawn(move || computes_on_a_lent_stack(&theirs));
        yield_until(|| until.load(Ordering::Relaxed) == 1);
        let dump = runtime::stack(true);
        until.store(2, Ordering::Relaxed);
        computing.join().unwrap();
        for frame in ["lent::computes(", "lent::computes_on_a_lent_stack("] {
            assert!(dump.contains(frame), "{frame} in {dump}");
        }
    });
}

/// A coroutine's body is left and entered in the middle of a call: loans that begin there would end in another order than
/// calls do, and a stack be lent while somebody stands on it.
#[test]
fn a_coroutine_is_lent_nothing() {
    on_each(|| {
        let body = |me: &Suspend<(), (), ()>, ()| on_lent_stack(|| me.suspend(()));
        // SAFETY: it ends in this function, and borrows nothing.
        let mut crossing = unsafe { Coroutine::new(64 << 10, body) }.expect("a stack");
        assert_eq!(crossing.resume(()), Step::Suspended(()));
        let sum = on_lent_stack(|| {
            let here = std::hint::black_box([7_u64; 64]);
            assert_eq!(crossing.resume(()), Step::Done(()));
            let others = WaitGroup::new();
            (0..64).for_each(|_| others.go(|| _ = std::hint::black_box([9_u64; 512])));
            others.wait();
            here.iter().sum::<u64>()
        });
        assert_eq!(sum, 7 * 64);
    });
}
