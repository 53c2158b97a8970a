//! The hand-off of a semaphore (Go: `runtime/sema_test.go`).
//!
//! Go's releaser gives up its slice in the call; ours at its next switch point, because a guard may be dropped
//! anywhere (`docs/differences.md`, A14). So there is one here behind each release.

use crate::field::{on, yield_until};
use crate::support::go;
use gaggle_gopark::{self as gopark, GRef, Status, WaitReason};
use gaggle_sudog::sema::{self, Handoff, Order};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

fn acquire(word: &AtomicU32) {
    sema::acquire(&mut gopark::enter(), word, WaitReason::Semacquire, Order::Fifo);
}

fn release(word: &AtomicU32, handoff: Handoff) {
    sema::release(&mut gopark::enter(), word, handoff);
    gopark::switch_point();
}

#[derive(Default)]
struct Shared {
    sema: AtomicU32,
    first: AtomicU32,
    done: AtomicU32,
    waiter: OnceLock<GRef>,
}

impl Shared {
    /// One says that it was the first, unless the other has.
    fn first(&self, me: u32) {
        _ = self.first.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// True if who waited ran before who released went on.
fn waiter_is_first(handoff: Handoff) -> bool {
    let shared = Arc::new(Shared::default());
    let theirs = Arc::clone(&shared);
    go(move || {
        theirs.waiter.get_or_init(gopark::current);
        acquire(&theirs.sema);
        theirs.first(1);
        release(&theirs.sema, handoff);
        release(&theirs.done, Handoff::No);
    });
    let waits = |it: &GRef| it.status().get() == Status::Waiting;
    yield_until(|| shared.waiter.get().is_some_and(waits));
    release(&shared.sema, handoff);
    shared.first(2);
    acquire(&shared.sema);
    acquire(&shared.done);
    shared.first.load(Ordering::Relaxed) == 1
}

const TRIES: u32 = 10_000;

fn handed_off() -> u32 {
    (0..TRIES).map(|_| u32::from(waiter_is_first(Handoff::Yes))).sum()
}

/// TestSemaHandoff (★30): in more than two thirds of the tries.
#[test]
fn test_sema_handoff() {
    let won = on(4, handed_off);
    assert!(won > TRIES * 2 / 3, "{won} of {TRIES}");
}

/// TestSemaHandoff1.
#[test]
fn test_sema_handoff1() {
    let won = on(1, handed_off);
    assert!(won > TRIES * 2 / 3, "{won} of {TRIES}");
}

/// TestSemaHandoff2.
#[test]
fn test_sema_handoff2() {
    let won = on(2, handed_off);
    assert!(won > TRIES * 2 / 3, "{won} of {TRIES}");
}

/// With one P nobody runs before a releaser that hands nothing off goes on: what the others count is the hand-off.
#[test]
fn without_a_hand_off_the_releaser_goes_on() {
    let won = on(1, || (0..100).filter(|_| waiter_is_first(Handoff::No)).count());
    assert!(won < 50, "{won} of 100");
}
