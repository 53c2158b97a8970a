//! Models of the lock whose unlock is a plain store.
#![cfg(loom)]

use gaggle_lock::asym::{AsymLock, Futex};
use gaggle_prim::cell::UnsafeCell;
use gaggle_prim::sync::atomic::{AtomicU32, Ordering};
use gaggle_prim::sync::model::{Condvar, Mutex, lazy_static};
use loom::sync::Arc;
use loom::thread;

/// The kernel's queue, in loom's terms: the comparison and the sleep are one step against a wake.
struct Model;

lazy_static! {
    static ref QUEUE: Mutex<()> = Mutex::new(());
    static ref WOKEN: Condvar = Condvar::new();
    static ref BELL: AtomicU32 = AtomicU32::new(0);
}

impl Futex for Model {
    fn wait(word: &AtomicU32, expected: u32) {
        let queue = QUEUE.lock().unwrap();
        // Relaxed: as the kernel's load; its queue lock orders it against a wake.
        if word.load(Ordering::Relaxed) == expected {
            drop(WOKEN.wait(queue).unwrap());
        }
    }

    fn wake(_: *const AtomicU32) {
        let _queue = QUEUE.lock().unwrap();
        WOKEN.notify_one();
    }

    fn bell(_: usize) -> &'static AtomicU32 {
        &BELL
    }
}

struct Counter {
    lock: AsymLock<Model>,
    value: UnsafeCell<u32>,
}

// SAFETY: the lock protects the value.
unsafe impl Sync for Counter {}
// SAFETY: the lock protects the value.
unsafe impl Send for Counter {}

fn add_one(counter: &Counter) {
    counter.lock.lock();
    // SAFETY: the lock is ours.
    counter.value.with_mut(|value| unsafe { *value += 1 });
    // SAFETY: the lock is ours.
    unsafe { counter.lock.unlock() };
}

fn race(threads: u32) {
    let counter = Arc::new(Counter { lock: AsymLock::new(), value: UnsafeCell::new(0) });
    let others: Vec<_> = (1..threads)
        .map(|_| {
            let counter = Arc::clone(&counter);
            thread::spawn(move || add_one(&counter))
        })
        .collect();
    add_one(&counter);
    others.into_iter().for_each(|other| other.join().unwrap());
    // SAFETY: all others have ended.
    counter.value.with(|value| assert_eq!(unsafe { *value }, threads));
}

/// An unlock races a locker that goes to sleep: it must not oversleep.
#[test]
fn unlock_races_a_sleeper() {
    loom::model(|| race(2));
}

#[test]
fn two_sleepers_are_woken_in_turn() {
    loom::model(|| race(3));
}
