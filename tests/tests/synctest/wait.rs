//! `wait`: until all others are blocked (SEMANTICS W1, W3, W10).

use crate::field::{on, on_each, yield_until};
use crate::{HOUR, SECOND, bubble};
use gaggle::sync::{Cond, Mutex, WaitGroup};
use gaggle::{chan, go, runtime, scope, select, spawn, synctest, time};
use std::cell::UnsafeCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

/// TestSimpleWait: W1, with nobody to wait for; and no time passes.
#[test]
fn test_simple_wait() {
    bubble(|| {
        let begin = time::now();
        synctest::wait();
        synctest::wait();
        assert_eq!(time::now(), begin);
    });
}

/// TestGoroutineWait: from another goroutine of the bubble.
#[test]
fn test_goroutine_wait() {
    bubble(|| go(synctest::wait));
}

/// TestWait (★59): a chain of goroutines that each start the next settles before `wait` returns.
#[test]
fn test_wait() {
    bubble(|| {
        let done = Arc::new(AtomicU32::new(0));
        let (hold, theirs) = (chan::<()>(0), Arc::clone(&done));
        let line = hold.clone();
        fn next(left: u32, done: Arc<AtomicU32>, hold: gaggle::Chan<()>) {
            runtime::gosched();
            if left > 0 {
                return go(move || next(left - 1, done, hold));
            }
            done.store(1, Ordering::Relaxed);
            hold.recv();
        }
        go(move || next(100, theirs, line));
        synctest::wait();
        assert_eq!(done.load(Ordering::Relaxed), 1);
        hold.close();
    });
}

/// W5.
#[test]
fn wait_outside_a_bubble_panics() {
    on_each(|| {
        for misuse in [synctest::wait, || synctest::sleep(SECOND)] {
            let end = spawn(misuse).join().unwrap_err();
            assert_eq!(end.message(), "goroutine is not in a bubble");
        }
    });
}

/// W5.
#[test]
fn two_cannot_wait_at_once() {
    bubble(|| {
        let busy = chan::<()>(0);
        let theirs = busy.clone();
        // Somebody who is awake, so that the first `wait` lasts until the second has been tried.
        go(move || yield_until(|| theirs.try_recv() == Err(gaggle::TryRecvError::Closed)));
        let tries = [(); 2].map(|()| {
            let busy = busy.clone();
            spawn(move || match std::panic::catch_unwind(synctest::wait) {
                Ok(()) => 0,
                Err(text) => {
                    assert_eq!(*text.downcast::<&str>().unwrap(), "wait already in progress");
                    busy.close();
                    1
                }
            })
        });
        // Whichever came first, the other one is refused.
        assert_eq!(tries.map(|one| one.join().unwrap()).iter().sum::<u32>(), 1);
    });
}

/// W1: `sleep` returns after those who were due at the same instant have come to rest.
#[test]
fn sleep_waits_for_those_who_are_due_too() {
    bubble(|| {
        let sum = Arc::new(AtomicU32::new(0));
        for _ in 0..20 {
            let sum = Arc::clone(&sum);
            go(move || {
                time::sleep(SECOND);
                (0..10).for_each(|_| runtime::gosched());
                sum.fetch_add(1, Ordering::Relaxed);
            });
        }
        synctest::sleep(SECOND);
        assert_eq!(sum.load(Ordering::Relaxed), 20);
    });
}

/// W3: each of these waits is durable: `wait` returns while somebody is in it.
#[test]
fn what_is_durable_lets_wait_return() {
    bubble(|| {
        let (c, full) = (chan::<u32>(0), chan::<u32>(1));
        full.send(0);
        let (wg, held) = (WaitGroup::new(), Arc::new((Mutex::new(false), Cond::new())));
        wg.add(1);
        let mut all = Vec::new();
        let (a, b) = (c.clone(), full.clone());
        all.push(spawn(move || _ = a.recv()));
        all.push(spawn(move || b.send(1)));
        let (a, b) = (c.clone(), full.clone());
        all.push(spawn(move || {
            select! {
                recv(a) -> _ => {},
                send(b, 2) => {},
                recv(gaggle::Chan::<()>::nil()) -> _ => unreachable!(),
            }
        }));
        let theirs = wg.clone();
        all.push(spawn(move || theirs.wait()));
        let theirs = Arc::clone(&held);
        all.push(spawn(move || {
            let (go_on, changed) = &*theirs;
            let mut guard = go_on.lock();
            while !*guard {
                changed.wait(&mut guard);
            }
        }));
        all.push(spawn(|| time::sleep(HOUR)));
        let theirs = c.clone();
        all.push(spawn(move || scope(|s| s.go(|| _ = theirs.recv()))));
        let begin = time::now();
        synctest::wait();
        assert_eq!(time::now(), begin);
        assert!(all.iter().all(|one| !one.is_finished()));
        c.close();
        (0..3).for_each(|_| _ = full.try_recv());
        synctest::wait();
        wg.done();
        *held.0.lock() = true;
        held.1.broadcast();
        all.into_iter().for_each(|one| one.join().unwrap());
        assert_eq!(time::since(begin), HOUR);
    });
}

/// W10: what those did who have ended, or wait, is seen after `wait`, and after `test`.
#[test]
fn test_happens_before() {
    struct Plain(UnsafeCell<u32>);
    // SAFETY: W10 orders all accesses; a race detector and Miri would say if it did not.
    unsafe impl Sync for Plain {}
    fn set(place: &Plain, value: u32) {
        // SAFETY: as above.
        unsafe { *place.0.get() = value };
    }
    fn get(place: &Plain) -> u32 {
        // SAFETY: as above.
        unsafe { *place.0.get() }
    }
    on_each(|| {
        let places: Arc<Vec<_>> = Arc::new((0..4).map(|_| Plain(UnsafeCell::new(0))).collect());
        let inside = Arc::clone(&places);
        synctest::test(move || {
            let hold = chan::<()>(0);
            let (p, line) = (Arc::clone(&inside), hold.clone());
            go(move || {
                set(&p[0], 1);
                line.recv(); // it waits
            });
            let p = Arc::clone(&inside);
            go(move || set(&p[1], 1)); // it ends
            let p = Arc::clone(&inside);
            time::after_func(SECOND, move || set(&p[2], 1)); // a timer runs it
            synctest::wait();
            assert_eq!((get(&inside[0]), get(&inside[1])), (1, 1));
            synctest::sleep(SECOND);
            assert_eq!(get(&inside[2]), 1);
            hold.close();
            go(move || set(&inside[3], 1));
        });
        assert_eq!(get(&places[3]), 1);
    });
}

/// TestCond: W3; Signal wakes one, Broadcast all, and the clock may bring it.
#[test]
fn test_cond() {
    bubble(|| {
        let (state, ready) = (Arc::new((Mutex::new(()), Cond::new())), Arc::new(AtomicU32::new(0)));
        let waiter = || {
            let (state, ready) = (Arc::clone(&state), Arc::clone(&ready));
            go(move || {
                state.1.wait(&mut state.0.lock());
                ready.fetch_add(1, Ordering::Relaxed);
            });
        };
        (0..3).for_each(|_| waiter());
        synctest::wait();
        assert_eq!(ready.load(Ordering::Relaxed), 0);
        state.1.signal();
        synctest::wait();
        assert_eq!(ready.load(Ordering::Relaxed), 1);
        let theirs = Arc::clone(&state);
        time::after_func(SECOND, move || theirs.1.broadcast());
        synctest::sleep(SECOND);
        assert_eq!(ready.load(Ordering::Relaxed), 3);
    });
}

/// TestMallocs: bubbles are pooled; a thousand of them run one after the other.
#[test]
fn test_mallocs() {
    on(2, || {
        for _ in 0..1000 {
            synctest::test(|| {
                let done = chan::<()>(0);
                let theirs = done.clone();
                go(move || theirs.close());
                done.recv();
                time::sleep(SECOND);
                synctest::wait();
            });
        }
    });
}

/// W2, W3: somebody who computes, or yields, is awake: the clock waits for him.
#[test]
fn time_stands_still_while_somebody_works() {
    bubble(|| {
        let begin = time::now();
        let sleeper = spawn(move || {
            time::sleep(SECOND);
            time::since(begin)
        });
        let looks = AtomicU32::new(0);
        yield_until(|| looks.fetch_add(1, Ordering::Relaxed) == 1000 || time::now() != begin);
        assert_eq!(time::now(), begin);
        assert_eq!(sleeper.join().unwrap(), SECOND);
    });
}

/// A scope may be handed to a plain thread: what that starts is of no bubble, and who waits for it waits for the world.
#[test]
fn a_goroutine_of_a_scope_that_was_started_outside_is_waited_for_in_real_time() {
    bubble(|| {
        let begin = time::now();
        let beside = spawn(|| time::sleep(HOUR));
        let done = AtomicBool::new(false);
        scope(|s| {
            let done = &done;
            std::thread::scope(|threads| {
                threads.spawn(move || {
                    s.go(move || {
                        time::sleep(Duration::from_millis(30)); // by the real clock
                        done.store(true, Ordering::Release);
                    });
                });
            });
        });
        assert!(done.load(Ordering::Acquire));
        assert_eq!(time::now(), begin, "an hour of the bubble has not passed meanwhile");
        beside.join().unwrap();
    });
}
