//! Programs that end within a future's poll, which stands on a stack that is lent.

use crate::Start::Main;
use crate::{Program, overflows, wait_for_nobody};
use gaggle::net::block_on;
use gaggle::{go, spawn};
use std::future::poll_fn;
use std::hint::black_box;
use std::task::Poll;

pub(crate) const PROGRAMS: &[Program] = &[
    ("poll_overflow", Main(|| in_goroutine(overflow))),
    ("poll_panic", Main(|| in_goroutine(panics))),
    ("poll_deadlock", Main(|| drop(spawn(waits).join()))),
    ("poll_deadlock_nested", Main(|| drop(spawn(nested).join()))),
];

fn in_goroutine(how: fn()) {
    go(how);
    wait_for_nobody();
}

/// Calls `f` within a poll.
#[inline(never)]
fn calls_the_poll<R>(mut f: impl FnMut() -> R) -> R {
    let result = block_on(poll_fn(|_| Poll::Ready(f())));
    black_box(result)
}

#[inline(never)]
fn overflow() {
    calls_the_poll(overflows::deep);
    black_box(()); // no tail call
}

#[inline(never)]
fn panics() {
    calls_the_poll(|| panic!("within a poll"));
}

#[inline(never)]
fn waits() {
    calls_the_poll(wait_for_nobody);
    black_box(()); // no tail call
}

#[inline(never)]
fn nested() {
    calls_the_poll(waits);
    black_box(()); // no tail call
}
