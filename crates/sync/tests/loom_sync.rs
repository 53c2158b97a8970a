//! Models of the mutex and the wait group. There is no clock: a waiter of these models either
//! never starves, or starves as soon as it was woken once.
#![cfg(loom)]

use gaggle_sync::{Once, RawMutex, WaitGroup};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering::Relaxed};
use loom::thread::{self, JoinHandle};

const NEVER: u64 = u64::MAX;
const AT_ONCE: u64 = 0;

/// A value whose every access the model follows.
#[derive(Default)]
struct Guarded {
    raw: RawMutex,
    value: UnsafeCell<u32>,
}

// SAFETY: the mutex protects the value, and the model checks that it does.
unsafe impl Send for Guarded {}
// SAFETY: as above.
unsafe impl Sync for Guarded {}

impl Guarded {
    fn add(&self, patience: u64) {
        self.raw.lock_with_patience(patience);
        self.touch();
    }

    fn touch(&self) {
        // SAFETY: the model checks that the accesses are ordered.
        self.value.with_mut(|value| unsafe { *value += 1 });
        self.raw.unlock();
    }

    fn total(&self) -> u32 {
        // SAFETY: the model checks that the accesses are ordered.
        self.value.with(|value| unsafe { *value })
    }
}

fn spawn_add(guarded: &Arc<Guarded>, patience: u64) -> JoinHandle<()> {
    let guarded = Arc::clone(guarded);
    thread::spawn(move || guarded.add(patience))
}

/// When nobody holds or wants it, the word says so.
fn quiet(raw: &RawMutex) {
    let state = format!("{raw:?}");
    let idle = "locked: false, woken: false, starving: false, waiters: 0 }, tokens: 0";
    assert!(state.contains(idle), "{state}");
}

#[test]
fn mutex_two_threads() {
    loom::model(|| {
        let guarded = Arc::new(Guarded::default());
        let other = spawn_add(&guarded, NEVER);
        guarded.add(NEVER);
        guarded.add(NEVER);
        other.join().unwrap();
        assert_eq!(guarded.total(), 3);
        quiet(&guarded.raw);
    });
}

/// To starve takes more than two: into the line, past its chance, into the line again.
fn model_of(preemptions: usize, f: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.map(|bound| bound.max(preemptions));
    builder.check(f);
}

#[test]
fn mutex_starving_handoff() {
    model_of(4, || {
        let guarded = Arc::new(Guarded::default());
        let other = spawn_add(&guarded, AT_ONCE);
        for _ in 0..3 {
            guarded.add(NEVER);
        }
        other.join().unwrap();
        assert_eq!(guarded.total(), 4);
        quiet(&guarded.raw);
    });
}

#[test]
fn unlock_wakes_one() {
    loom::model(|| {
        let guarded = Arc::new(Guarded::default());
        guarded.raw.lock();
        let others = [spawn_add(&guarded, NEVER), spawn_add(&guarded, NEVER)];
        guarded.touch(); // wakes at most one
        guarded.add(NEVER); // wakes nobody, if that one is still on its way (K10)
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(guarded.total(), 4);
        quiet(&guarded.raw);
    });
}

/// Takes the mutex twice while another waits for it with a deadline, which comes at any time.
fn deadline_races(patience: u64) {
    let guarded = Arc::new(Guarded::default());
    guarded.raw.lock();
    let theirs = Arc::clone(&guarded);
    let other = thread::spawn(move || {
        let ours = theirs.raw.lock_until_with_patience(1, patience);
        if ours {
            theirs.touch();
        }
        u32::from(ours)
    });
    guarded.touch();
    guarded.add(NEVER);
    let theirs = other.join().unwrap();
    assert_eq!(guarded.total(), 2 + theirs);
    quiet(&guarded.raw);
}

#[test]
fn mutex_timeout_races_unlock() {
    loom::model(|| deadline_races(NEVER));
}

#[test]
fn mutex_timeout_races_handoff() {
    model_of(4, || deadline_races(AT_ONCE));
}

#[test]
fn of_two_deadlines_each_leaves_alone() {
    loom::model(|| {
        let raw = Arc::new(RawMutex::new());
        raw.lock();
        let others = [(); 2].map(|()| {
            let raw = Arc::clone(&raw);
            thread::spawn(move || {
                if raw.lock_until(1) {
                    raw.unlock();
                }
            })
        });
        raw.unlock();
        for other in others {
            other.join().unwrap();
        }
        quiet(&raw);
    });
}

#[test]
fn waitgroup_wait_races_done() {
    loom::model(|| {
        let (wg, value) = (WaitGroup::new(), Arc::new(UnsafeCell::new(0)));
        wg.add(1);
        let (their_wg, their_value) = (wg.clone(), Arc::clone(&value));
        let other = thread::spawn(move || {
            // SAFETY: the model checks that the accesses are ordered.
            their_value.with_mut(|value| unsafe { *value = 1 });
            their_wg.done();
        });
        wg.wait();
        // SAFETY: the model checks that the accesses are ordered.
        assert_eq!(value.with(|value| unsafe { *value }), 1, "M7");
        other.join().unwrap();
    });
}

#[test]
fn waitgroup_two_waiters() {
    loom::model(|| {
        let (wg, awake) = (WaitGroup::new(), Arc::new(AtomicU32::new(0)));
        wg.add(1);
        let others = [(); 2].map(|()| {
            let (wg, awake) = (wg.clone(), Arc::clone(&awake));
            thread::spawn(move || {
                wg.wait();
                awake.fetch_add(1, Relaxed);
            })
        });
        assert_eq!(awake.load(Relaxed), 0, "a wait returned before done");
        wg.done();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(awake.load(Relaxed), 2);
    });
}

#[test]
fn waitgroup_timeout_races_done() {
    loom::model(|| {
        let wg = WaitGroup::new();
        wg.add(1);
        let theirs = wg.clone();
        let other = thread::spawn(move || theirs.done());
        let _either_way = wg.wait_timeout(std::time::Duration::from_nanos(1));
        other.join().unwrap();
        wg.wait();
        wg.add(1); // the next round starts from a clean word and takes no token of the last
        let theirs = wg.clone();
        let other = thread::spawn(move || theirs.done());
        wg.wait();
        other.join().unwrap();
    });
}

#[test]
fn once_returns_after_the_call_has_ended() {
    loom::model(|| {
        let shared = Arc::new((Once::new(), UnsafeCell::new(0)));
        let call = |shared: &(Once, UnsafeCell<u32>)| {
            // SAFETY: the model checks that the accesses are ordered.
            shared.0.call_once(|| shared.1.with_mut(|value| unsafe { *value += 1 }));
            // SAFETY: the model checks that the accesses are ordered.
            assert_eq!(shared.1.with(|value| unsafe { *value }), 1, "N1");
        };
        let theirs = Arc::clone(&shared);
        let other = thread::spawn(move || call(&theirs));
        call(&shared);
        other.join().unwrap();
    });
}

/// The end of the call against one that comes to wait, with and without a limit. Broken copies seen to
/// fail: a waiter that parks without looking at the word once more; an end that wakes only if it found
/// `RUNNING`.
#[test]
fn once_end_races_two_who_wait() {
    loom::model(|| {
        let once = Arc::new(Once::new());
        let [first, second] = [0, 1].map(|at| {
            let once = Arc::clone(&once);
            thread::spawn(move || match at {
                0 => once.call_once(|| {}),
                _ => _ = once.call_once_timeout(|| {}, std::time::Duration::from_nanos(1)),
            })
        });
        once.call_once(|| {});
        assert!(once.is_completed());
        first.join().unwrap();
        second.join().unwrap();
    });
}
