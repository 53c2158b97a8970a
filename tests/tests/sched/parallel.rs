//! Goroutines run at the same time, on all Ps (R/runtime/proc_test.go: TestGoroutineParallelism
//! and its neighbours).
//!
//! *By The Real Clock*: the sleeps here put threads to sleep, which a bubble's do not.
//! *Nobody Is Preempted* where goroutines are to run at the same time: one P that works would do, where preemption gives each its turn.

use crate::calm::without_preemption;
use crate::field::{on, on_each, yield_until};
use gaggle::sync::WaitGroup;
use gaggle::{Chan, chan, go, runtime, select, time};
use gaggle_sched::pin;
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::ThreadId;
use std::time::Duration;

#[inline(never)]
fn thread_id() -> ThreadId {
    std::thread::current().id()
}

/// Spins until `x` says that it is this one's turn, without a switch point. The system's yield is
/// for machines with fewer CPUs than Ps; it keeps the P.
fn takes_turns(x: &AtomicU32, me: u32, of: u32, rounds: u32) {
    for round in 0..rounds {
        let mine = of * round + me;
        while x.load(Ordering::Acquire) != mine {
            std::thread::yield_now();
        }
        x.store(mine + 1, Ordering::Release);
    }
}

/// TestGoroutineParallelism (★18): four goroutines that never switch take turns, so four Ms run.
#[test]
fn goroutines_that_never_yield_run_side_by_side() {
    const NAME: &str = "parallel::goroutines_that_never_yield_run_side_by_side";
    without_preemption(NAME, four_take_turns);
}

fn four_take_turns() {
    on(4, || {
        for _ in 0..50 {
            let (x, wg) = (Arc::new(AtomicU32::new(0)), WaitGroup::new());
            for me in 0..4 {
                let x = Arc::clone(&x);
                wg.go(move || takes_turns(&x, me, 4, 3));
            }
            wg.wait();
        }
    });
}

fn starts_the_next(x: Arc<AtomicU32>, me: u32, of: u32, wg: WaitGroup) {
    if me + 1 < of {
        let (x, theirs) = (Arc::clone(&x), wg.clone());
        wg.go(move || starts_the_next(x, me + 1, of, theirs));
    }
    takes_turns(&x, me, of, 3);
}

/// TestGoroutineParallelism2 (★19): after load and sleep, and each started by the one before it.
#[test]
fn a_chain_of_goroutines_runs_side_by_side_after_load_and_sleep() {
    const NAME: &str = "parallel::a_chain_of_goroutines_runs_side_by_side_after_load_and_sleep";
    without_preemption(NAME, || on(4, chains));
}

/// The same while an M waits for descriptors: one goroutine reads from a socket that stays silent.
#[test]
fn a_chain_of_goroutines_runs_side_by_side_beside_the_poller() {
    const NAME: &str = "parallel::a_chain_of_goroutines_runs_side_by_side_beside_the_poller";
    without_preemption(NAME, || {
        on(4, || {
            let (mut ours, theirs) = gaggle::net::UnixStream::pair().unwrap();
            let reader = gaggle::spawn(move || ours.read(&mut [0]).unwrap());
            time::sleep(Duration::from_millis(5)); // it waits by then
            chains();
            assert!(!reader.is_finished());
            drop(theirs);
            assert_eq!(reader.join().unwrap(), 0);
        });
    });
}

fn chains() {
    for round in 0..30_u64 {
        let wg = WaitGroup::new();
        for at in 0..4 {
            // Some Ms park meanwhile, some spin, some are busy.
            wg.go(move || match (at + round) % 3 {
                0 => time::sleep(Duration::from_micros(100 * round)),
                1 => (0..50).for_each(|_| runtime::gosched()),
                _ => {}
            });
        }
        if round % 2 == 0 {
            wg.wait();
        }
        let (x, all) = (Arc::new(AtomicU32::new(0)), WaitGroup::new());
        let theirs = all.clone();
        all.go(move || starts_the_next(x, 0, 4, theirs));
        all.wait();
        wg.wait();
    }
}

fn polls(c: &Chan<u32>, ack: &Chan<u32>) {
    loop {
        select! {
            recv(c) -> v => return ack.send(v.unwrap()),
            default => runtime::gosched(),
        }
    }
}

fn progress(start: fn(Chan<u32>, Chan<u32>)) {
    let (c, ack) = (chan(0), chan(0));
    start(c.clone(), ack.clone());
    time::sleep(Duration::from_millis(2));
    c.send(7); // a message for who only polls
    assert_eq!(ack.recv(), Some(7));
}

/// TestYieldProgress.
#[test]
fn who_polls_and_yields_sees_a_message() {
    on_each(|| progress(|c, ack| go(move || polls(&c, &ack))));
}

/// TestYieldLockedProgress.
#[test]
fn who_polls_and_yields_on_its_own_thread_sees_a_message() {
    on_each(|| progress(|c, ack| go(move || pin(|| polls(&c, &ack)))));
}

/// TestYieldLocked: yields and sleeps do not take a pinned goroutine off its thread.
#[test]
fn a_pinned_goroutine_stays_on_its_thread() {
    on_each(|| {
        let wg = WaitGroup::new();
        for _ in 0..4 {
            wg.go(|| {
                pin(|| {
                    let home = thread_id();
                    for _ in 0..20 {
                        runtime::gosched();
                        time::sleep(Duration::from_micros(100));
                        assert_eq!(thread_id(), home);
                    }
                });
            });
        }
        wg.wait();
    });
}

/// TestBlockLocked: a pinned goroutine sends on channels, with and without a buffer.
#[test]
fn a_pinned_goroutine_sends_and_blocks() {
    on_each(|| {
        for cap in [0, 10] {
            let c = chan(cap);
            let theirs = c.clone();
            go(move || {
                pin(|| {
                    (0..100).for_each(|at| theirs.send(at));
                    theirs.close();
                });
            });
            assert!(c.into_iter().eq(0..100), "cap {cap}");
        }
    });
}

/// TestPreemption's cooperative half: two goroutines wait for each other, yielding, on one P too.
#[test]
fn two_goroutines_that_wait_for_each_other_by_yielding_come_through() {
    on_each(|| {
        let (x, wg) = (Arc::new(AtomicU32::new(0)), WaitGroup::new());
        for me in 0..2 {
            let x = Arc::clone(&x);
            wg.go(move || {
                for round in 0..500 {
                    yield_until(|| x.load(Ordering::Acquire) == 2 * round + me);
                    x.store(2 * round + me + 1, Ordering::Release);
                }
            });
        }
        wg.wait();
    });
}

/// With work for four, four Ms get it: all are inside at the same time.
/// SEMANTICS E1.
#[test]
fn as_many_goroutines_run_at_once_as_there_are_ps() {
    const NAME: &str = "parallel::as_many_goroutines_run_at_once_as_there_are_ps";
    without_preemption(NAME, four_are_inside);
}

fn four_are_inside() {
    on(4, || {
        let (inside, all_in) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let wg = WaitGroup::new();
        for _ in 0..4 {
            let (inside, all_in) = (Arc::clone(&inside), Arc::clone(&all_in));
            wg.go(move || {
                if inside.fetch_add(1, Ordering::AcqRel) == 3 {
                    all_in.store(true, Ordering::Release);
                }
                while !all_in.load(Ordering::Acquire) {
                    std::thread::yield_now(); // keeps the P
                }
            });
        }
        wg.wait();
    });
}

/// SEMANTICS E10: of those who are ready by one look at descriptors one runs where it was made, and an idle P runs another. One
/// reads and one writes, until the other end is closed; each goes on when both are there.
#[test]
fn who_is_ready_at_the_same_time_by_a_descriptor_runs_at_the_same_time() {
    const NAME: &str =
        "parallel::who_is_ready_at_the_same_time_by_a_descriptor_runs_at_the_same_time";
    without_preemption(NAME, || {
        on(2, || {
            for _ in 0..50 {
                let (ours, theirs) = gaggle::net::UnixStream::pair().unwrap();
                let (ours, inside, wg) = (Arc::new(ours), AtomicU32::new(0), WaitGroup::new());
                let inside = Arc::new(inside);
                for reads in [true, false] {
                    let (ours, inside) = (Arc::clone(&ours), Arc::clone(&inside));
                    wg.go(move || {
                        if reads {
                            _ = (&*ours).read(&mut [0]);
                        } else {
                            assert!((&*ours).write_all(&[0; 1 << 22]).is_err());
                        }
                        inside.fetch_add(1, Ordering::AcqRel);
                        while inside.load(Ordering::Acquire) < 2 {
                            std::thread::yield_now(); // keeps the P
                        }
                    });
                }
                let closes = std::thread::spawn(move || {
                    #[expect(clippy::disallowed_methods, reason = "nobody else is to have a P")]
                    std::thread::sleep(Duration::from_millis(3));
                    drop(theirs);
                });
                wg.wait();
                closes.join().unwrap();
            }
        });
    });
}
