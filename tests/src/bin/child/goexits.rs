//! Programs that call goexit (SEMANTICS B5, B6, B8).

use crate::Start::Main;
use crate::panics::unlock_of_unlocked;
use crate::{Program, wait_for_nobody};
use gaggle::sync::WaitGroup;
use gaggle::{go, runtime, spawn, time};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("goexit_destructors", Main(destructors)),
    ("goexit_main_alone", Main(|| runtime::goexit())),
    ("goexit_main_others_run", Main(main_others_run)),
    ("goexit_main_others_block", Main(main_others_block)),
    ("goexit_spawned", Main(spawned)),
    ("goexit_passed_on", Main(passed_on)),
    ("goexit_then_panic", Main(then_panic)),
    ("goexit_then_fatal_after_a_caught_panic", Main(caught_then_fatal)),
    ("goexit_then_fatal_beside_a_caught_panic", Main(fatal_beside_a_caught_panic)),
    ("goexit_then_panic_after_a_caught_panic", Main(caught_then_panic)),
    ("goexit_then_overflow_after_a_caught_panic", Main(caught_then_overflow)),
    ("goexit_swallowed", Main(swallowed)),
];

/// Says when it is dropped.
struct Says(&'static str);

impl Drop for Says {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

#[inline(never)]
fn deep() {
    let _inner = Says("inner");
    runtime::goexit();
}

fn destructors() {
    let wg = WaitGroup::new();
    wg.go(|| {
        let _outer = Says("outer");
        deep();
        println!("goexit returned");
    });
    wg.wait();
    println!("main");
}

fn main_others_run() {
    for at in 1..=3 {
        go(move || {
            time::sleep(Duration::from_millis(10 * at));
            println!("{at}");
        });
    }
    let _main = Says("main");
    runtime::goexit();
}

fn main_others_block() {
    go(wait_for_nobody);
    runtime::goexit();
}

fn spawned() {
    let end = spawn(|| -> u32 {
        let _inside = Says("inside");
        runtime::goexit()
    })
    .join();
    println!("{}", end.unwrap_err());
}

/// User code that catches what it does not know and goes on with it.
fn passed_on() {
    let wg = WaitGroup::new();
    wg.go(|| {
        let end = catch_unwind(AssertUnwindSafe(deep));
        println!("caught");
        resume_unwind(end.unwrap_err());
    });
    wg.wait();
    println!("main");
}

/// TestPanicAfterGoexit, as far as Rust has it: a panic out of a destructor during an unwind.
fn then_panic() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a destructor");
        }
    }
    let wg = WaitGroup::new();
    wg.go(|| {
        let _bomb = Bomb;
        runtime::goexit();
    });
    wg.wait();
}

/// Runs it when it is dropped.
struct AtEnd(fn());

impl Drop for AtEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn raise_and_catch() {
    assert!(catch_unwind(|| panic!("the caught one")).is_err());
}

/// Catches a panic, and exits with this in a destructor.
fn exits_with(in_destructor: fn()) {
    go(move || {
        raise_and_catch();
        let _end = AtEnd(in_destructor);
        runtime::goexit();
    });
    wait_for_nobody();
}

fn caught_then_fatal() {
    exits_with(unlock_of_unlocked);
}

fn fatal_beside_a_caught_panic() {
    exits_with(|| {
        raise_and_catch();
        unlock_of_unlocked();
    });
}

fn caught_then_panic() {
    exits_with(|| panic!("in a destructor"));
}

fn caught_then_overflow() {
    exits_with(|| _ = overflow(0));
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "the stack is to overflow")]
fn overflow(depth: u64) -> u64 {
    std::hint::black_box(overflow(std::hint::black_box(depth + 1))) + 1
}

/// User code that catches what it does not know and forgets it.
fn swallowed() {
    let wg = WaitGroup::new();
    wg.go(|| {
        let caught = catch_unwind(AssertUnwindSafe(deep)).is_err();
        println!("caught {caught}");
        println!("went on");
    });
    wg.wait();
    println!("main");
}
