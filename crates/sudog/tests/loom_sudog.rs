//! Models of the lines: lost tickets, and the semaphore's races.
#![cfg(loom)]

use gaggle_gopark::{self as gopark, Commit, WaitReason, Wake};
use gaggle_lock::{Mutex, Rank};
use gaggle_sudog::sema::{self, Handoff, Order};
use gaggle_sudog::{Outcome, Sudog, WaitQ};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering::Relaxed};
use loom::thread;
use std::ptr::{NonNull, null_mut};

const REASON: WaitReason = WaitReason::Semacquire;

fn acquire(word: &AtomicU32) {
    let mut section = gopark::enter();
    sema::acquire(&mut section, word, REASON, Order::Fifo);
}

fn acquire_until(word: &AtomicU32) -> Wake {
    let mut section = gopark::enter_timed();
    sema::acquire_until(&mut section, word, REASON, Order::Fifo, 1)
}

fn release(word: &AtomicU32, handoff: Handoff) {
    sema::release(&mut gopark::enter(), word, handoff);
}

#[test]
fn dequeue_skips_a_lost_ticket() {
    loom::model(|| {
        let line = Arc::new(Mutex::new(Rank::Sema, WaitQ::new()));
        let theirs = Arc::clone(&line);
        let other = thread::spawn(move || {
            let mut section = gopark::enter();
            let taken = theirs.lock().dequeue().map(|waiter| waiter.finish(Outcome::Done));
            taken.inspect(|&g| section.ready(g)).is_some()
        });
        let mut section = gopark::enter_timed();
        let g = section.current();
        let ticket = g.wait().open();
        let node = Sudog::contested(g, ticket, null_mut(), 0);
        let mut queue = line.lock();
        // SAFETY: the node is taken out, by the other thread or below, before it dies.
        unsafe { queue.enqueue(NonNull::from(&node)) };
        let wake = section.park_until(REASON, Commit::unlock(queue), ticket, 1);
        if wake == Wake::TimedOut {
            // SAFETY: there is one line.
            unsafe { line.lock().remove(NonNull::from(&node)) };
        }
        let taken = other.join().unwrap();
        assert_eq!(taken, wake == Wake::Woken, "the taker and the clock disagree");
        assert_eq!(node.outcome() == Outcome::Done, taken);
        assert!(line.lock().is_empty());
    });
}

#[test]
fn sema_release_races_acquire() {
    loom::model(|| {
        let word = Arc::new(AtomicU32::new(0));
        let theirs = Arc::clone(&word);
        let other = thread::spawn(move || release(&theirs, Handoff::No));
        acquire(&word);
        other.join().unwrap();
        assert_eq!(word.load(Relaxed), 0);
    });
}

#[test]
fn sema_two_waiters_two_tokens() {
    loom::model(|| {
        let word = Arc::new(AtomicU32::new(0));
        let [a, b] = [(); 2].map(|()| {
            let word = Arc::clone(&word);
            thread::spawn(move || acquire(&word))
        });
        release(&word, Handoff::No);
        release(&word, Handoff::No);
        a.join().unwrap();
        b.join().unwrap();
        assert_eq!(word.load(Relaxed), 0);
    });
}

#[test]
fn sema_handoff() {
    // A waiter in line gets the token even if a newcomer grabs at the word all the time.
    loom::model(|| {
        let word = Arc::new(AtomicU32::new(0));
        let theirs = Arc::clone(&word);
        let waiter = thread::spawn(move || acquire(&theirs));
        release(&word, Handoff::Yes);
        if sema::try_acquire(&word) {
            release(&word, Handoff::Yes); // the waiter was not in line yet: it finds this one
        }
        waiter.join().unwrap();
        assert_eq!(word.load(Relaxed), 0);
    });
}

#[test]
fn sema_timeout_races_release() {
    loom::model(|| {
        let word = Arc::new(AtomicU32::new(0));
        let theirs = Arc::clone(&word);
        let other = thread::spawn(move || release(&theirs, Handoff::No));
        let wake = acquire_until(&word);
        other.join().unwrap();
        let left = word.load(Relaxed);
        assert_eq!(left, u32::from(wake == Wake::TimedOut), "the token is ours or still there");
        assert_eq!(sema::try_acquire(&word), left == 1);
    });
}

/// A change against two that come to wait for it. Broken copy seen to fail: `wait_while` without its
/// look under the lock.
#[test]
fn change_races_two_who_wait() {
    loom::model(|| {
        let word = Arc::new(AtomicU32::new(0));
        let [first, second] = [0, 1].map(|at| {
            let word = Arc::clone(&word);
            thread::spawn(move || match at {
                0 => sema::wait_while(&mut gopark::enter(), &word, 0, REASON),
                _ => {
                    let mut section = gopark::enter_timed();
                    _ = sema::wait_while_until(&mut section, &word, 0, REASON, 1);
                }
            })
        });
        word.store(1, Relaxed);
        sema::wake_all(&mut gopark::enter(), &word);
        first.join().unwrap();
        second.join().unwrap();
    });
}
