//! TestTimerGC (tick_test.go, T10): what nobody refers to is freed; and none of it happens, nor is
//! anything allocated, inside a runtime section.
//!
//! The allocator of this binary counts what is alive, and every call made by an M inside a section.

use crate::field::on_each;
use crate::{HOUR, MICRO};
use gaggle::runtime;
use gaggle::time::{self, Ticker, Timer};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

struct Counting;

static ALIVE: AtomicIsize = AtomicIsize::new(0);
static VIOLATIONS: AtomicUsize = AtomicUsize::new(0);

fn count(change: isize) {
    ALIVE.fetch_add(change, Ordering::Relaxed);
    if gaggle_gopark::in_machine_section() {
        VIOLATIONS.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: passes every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-1);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Makes and forgets `count` of everything.
fn make_and_forget(count: usize) {
    for _ in 0..count {
        let timer = Timer::new(HOUR);
        assert!(timer.c().try_recv().is_err());
        let ticker = Ticker::new(HOUR);
        assert!(ticker.c().recv_timeout(MICRO).is_err());
        drop((time::after(HOUR), time::tick(HOUR)));
        let func = time::after_func(HOUR, || unreachable!());
        func.reset(2 * HOUR);
        assert!(func.stop());
        time::after_func(MICRO, || {});
        time::sleep(MICRO);
    }
}

/// How many more things are alive than before `count` rounds.
fn growth(count: usize) -> isize {
    let before = ALIVE.load(Ordering::Relaxed);
    make_and_forget(count);
    time::sleep(1000 * MICRO); // the last calls
    runtime::gosched();
    ALIVE.load(Ordering::Relaxed) - before
}

#[test]
fn test_timer_gc() {
    const COUNT: usize = 300;
    on_each(|| {
        growth(COUNT); // pools and heaps grow
        let before = VIOLATIONS.load(Ordering::Relaxed);
        // A slow machine may have some calls under way.
        let least = (0..20).map(|_| growth(COUNT)).min().unwrap();
        assert!(least < COUNT as isize / 3, "{least} of {COUNT} rounds left something");
        assert_eq!(VIOLATIONS.load(Ordering::Relaxed), before, "allocated inside a section");
    });
}

/// That the counter counts: what is kept, is alive.
#[test]
fn what_somebody_refers_to_is_alive() {
    on_each(|| {
        let before = ALIVE.load(Ordering::Relaxed);
        let kept: Vec<_> = (0..10_000).map(|_| Timer::new(HOUR)).collect();
        assert!(ALIVE.load(Ordering::Relaxed) - before >= 9_000);
        drop(kept);
    });
}

/// The same in a bubble: what was cancelled there is freed before the bubble is over.
#[test]
fn what_is_cancelled_in_a_bubble_is_freed_in_the_bubble() {
    const COUNT: isize = 300;
    fn round() {
        // Each comes before all that are there, which so do not lie where they were put.
        let calls = (1..=COUNT as u32).rev().map(|at| time::after_func(at * MICRO, || {}));
        let calls: Vec<_> = calls.collect();
        assert!(calls.into_iter().all(|call| call.stop()));
        time::sleep(HOUR);
        assert!(time::after_func(HOUR, || {}).stop());
    }
    on_each(|| {
        gaggle::synctest::test(|| {
            round();
            let before = ALIVE.load(Ordering::Relaxed);
            (0..20).for_each(|_| round());
            let grown = ALIVE.load(Ordering::Relaxed) - before;
            assert!(grown < 3 * COUNT, "{grown} more are alive after 20 rounds");
        });
    });
}
