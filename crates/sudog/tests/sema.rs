//! The address-keyed semaphore between plain threads.
#![cfg(not(loom))]

use gaggle_gopark::{self as gopark, GRef, Status, WaitReason, Wake};
use gaggle_lock::nanotime;
use gaggle_sudog::sema::{self, Handoff, Order};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

const REASON: WaitReason = WaitReason::Semacquire;

fn acquire(word: &AtomicU32, order: Order) {
    sema::acquire(&mut gopark::enter(), word, REASON, order);
}

fn acquire_for(word: &AtomicU32, ns: u64) -> Wake {
    let deadline = nanotime() + ns;
    sema::acquire_until(&mut gopark::enter_timed(), word, REASON, Order::Fifo, deadline)
}

fn release(word: &AtomicU32, handoff: Handoff) {
    sema::release(&mut gopark::enter(), word, handoff);
}

/// A thread that stands in line when this returns (or has ended, if its deadline was so early).
fn waiter<T: Send + 'static>(wait: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    let (tell, told) = mpsc::channel::<GRef>();
    let thread = thread::spawn(move || {
        tell.send(gopark::current()).unwrap();
        wait()
    });
    let g = told.recv().unwrap();
    while g.status().get() != Status::Waiting && !thread.is_finished() {
        thread::yield_now();
    }
    thread
}

#[test]
fn tokens_wait_for_acquirers() {
    let word = AtomicU32::new(0);
    assert!(!sema::try_acquire(&word));
    release(&word, Handoff::No);
    release(&word, Handoff::Yes);
    assert_eq!(word.load(Ordering::Relaxed), 2);
    acquire(&word, Order::Fifo);
    assert!(sema::try_acquire(&word) && !sema::try_acquire(&word));
}

#[test]
fn waiters_are_served_in_order_and_the_token_passes_by_the_word() {
    let word = Arc::new(AtomicU32::new(0));
    let (tell, told) = mpsc::channel();
    let start = |n, order| {
        let (word, tell) = (Arc::clone(&word), tell.clone());
        waiter(move || {
            acquire(&word, order);
            tell.send(n).unwrap();
        })
    };
    // K1, K6: two in order, one before them.
    let threads = [start(1, Order::Fifo), start(2, Order::Fifo), start(0, Order::Lifo)];
    for expected in 0..3 {
        release(&word, Handoff::No);
        assert_eq!(word.load(Ordering::Relaxed), 0, "a newcomer could take it");
        assert_eq!(told.recv(), Ok(expected));
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn addresses_of_one_bucket_do_not_mix() {
    // 251 buckets of 8 bytes: these words share one.
    let words: Arc<[[AtomicU32; 2]]> = (0..251 * 3).map(|_| Default::default()).collect();
    let far = [0, 251, 502];
    let threads = far.map(|at| {
        let words = Arc::clone(&words);
        waiter(move || acquire(&words[at][0], Order::Fifo))
    });
    for (at, thread) in far.into_iter().zip(threads) {
        release(&words[at][0], Handoff::No);
        thread.join().unwrap();
    }
    assert!(words.iter().flatten().all(|word| word.load(Ordering::Relaxed) == 0));
}

#[test]
fn a_timed_out_waiter_takes_no_token_and_frees_its_place() {
    let word = Arc::new(AtomicU32::new(0));
    assert_eq!(acquire_for(&word, 0), Wake::TimedOut);
    let theirs = Arc::clone(&word);
    let first = waiter(move || acquire_for(&theirs, 20_000_000));
    let theirs = Arc::clone(&word);
    let second = waiter(move || acquire(&theirs, Order::Fifo));
    assert_eq!(first.join().unwrap(), Wake::TimedOut); // it was the head of its address
    release(&word, Handoff::No);
    second.join().unwrap();
    assert_eq!(word.load(Ordering::Relaxed), 0);
    release(&word, Handoff::No);
    assert_eq!(acquire_for(&word, 0), Wake::Woken);
}

#[test]
fn no_token_is_lost_between_deadlines_and_releases() {
    let shared = Arc::new((AtomicU32::new(0), AtomicU64::new(0)));
    let takers = [3, 17, 40, 90].map(|us| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            for round in 0..5_000 {
                if acquire_for(&shared.0, us * 1000 + round % 500) == Wake::Woken {
                    shared.1.fetch_add(1, Ordering::Relaxed);
                }
            }
        })
    });
    let released = 20_000;
    for _ in 0..released {
        release(&shared.0, Handoff::No);
        thread::yield_now();
    }
    takers.into_iter().for_each(|thread| thread.join().unwrap());
    let left = u64::from(shared.0.load(Ordering::Relaxed));
    assert_eq!(shared.1.load(Ordering::Relaxed) + left, released);
}

#[test]
fn a_semaphore_of_two_admits_two_at_a_time() {
    let shared = Arc::new((AtomicU32::new(2), AtomicU32::new(0)));
    let threads = [(); 6].map(|()| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || {
            for _ in 0..5_000 {
                acquire(&shared.0, Order::Fifo);
                assert!(shared.1.fetch_add(1, Ordering::Relaxed) < 2, "a third came in");
                shared.1.fetch_sub(1, Ordering::Relaxed);
                release(&shared.0, Handoff::No);
            }
        })
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(shared.0.load(Ordering::Relaxed), 2);
}
