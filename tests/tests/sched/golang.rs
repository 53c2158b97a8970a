//! Tests of Go's runtime/proc_test.go and crash_test.go, ported by hand: timers beside busy channels,
//! loops without calls, system calls that take the slice along.
//!
//! *By The Real Clock*: what sleeps is a thread in the kernel.

use crate::field::{on, yield_until};
use gaggle::{chan, go, runtime, select, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// TestTimerFairness (★20): a timer is due although three goroutines keep a channel busy.
#[test]
fn a_timer_fires_beside_a_busy_channel() {
    for procs in [1, 2] {
        on(procs, || {
            let (done, c) = (chan::<()>(0), chan::<()>(0));
            for _ in 0..2 {
                let (done, c) = (done.clone(), c.clone());
                go(move || {
                    loop {
                        select! {
                            send(c, ()) => {},
                            recv(done) -> _ => return,
                        }
                    }
                });
            }
            let timer = time::after(Duration::from_millis(20));
            loop {
                select! {
                    recv(c) -> _ => {},
                    recv(timer) -> _ => break,
                }
            }
            done.close();
        });
    }
}

/// A read of nothing: a system call that does not block.
fn read_nothing() {
    // SAFETY: no bytes are written.
    unsafe { libc::read(0, core::ptr::null_mut(), 0) };
}

/// TestTimerFairness2 (★20): the same with a system call in each round.
#[test]
fn timers_fire_beside_a_busy_channel_and_system_calls() {
    for procs in [1, 2] {
        on(procs, || {
            let (done, c) = (chan::<()>(0), chan::<()>(0));
            for _ in 0..2 {
                let (done, c) = (done.clone(), c.clone());
                go(move || {
                    let timer = time::after(Duration::from_millis(20));
                    loop {
                        read_nothing();
                        select! {
                            send(c, ()) => {},
                            recv(c) -> _ => {},
                            recv(timer) -> _ => break,
                        }
                    }
                    done.send(());
                });
            }
            (0..2).for_each(|_| _ = done.recv());
        });
    }
}

/// The program AsyncPreempt of TestAsyncPreempt (★21): with one P, loops without calls and an empty
/// one leave others their turn. (Theirs end with the test; Go's never end.)
#[test]
fn loops_without_calls_leave_others_their_turn() {
    on(1, || {
        let over = Arc::new(AtomicBool::new(false));
        let ready = [(); 2].map(|()| Arc::new(AtomicU32::new(0)));
        for mark in &ready {
            let (mark, over) = (Arc::clone(mark), Arc::clone(&over));
            go(move || {
                while !over.load(Ordering::Relaxed) {
                    mark.store(1, Ordering::Relaxed);
                }
            });
        }
        let ends = Arc::clone(&over);
        go(move || while !ends.load(Ordering::Relaxed) {});
        yield_until(|| ready.iter().all(|mark| mark.load(Ordering::Relaxed) == 1));
        over.store(true, Ordering::Relaxed);
    });
}

/// TestPreemptionAfterSyscall (★28): goroutines that make short system calls one after the other, more
/// of them than Ps, all get to run.
#[test]
fn loops_of_short_system_calls_leave_others_their_turn() {
    const WORKERS: usize = 8;
    for micros in [10, 100, 1000] {
        on(2, move || {
            let interrupted = Arc::new(AtomicBool::new(false));
            let running = chan::<()>(0);
            for _ in 0..WORKERS {
                let (running, interrupted) = (running.clone(), Arc::clone(&interrupted));
                go(move || {
                    running.send(());
                    while !interrupted.load(Ordering::Relaxed) {
                        let begin = Instant::now();
                        while begin.elapsed() < Duration::from_micros(micros) {
                            read_nothing();
                        }
                    }
                });
            }
            let begin = Instant::now();
            (0..WORKERS).for_each(|_| _ = running.recv());
            // Go's bound is 5 s; a machine on which others compute may give us a part of its time.
            assert!(
                begin.elapsed() < Duration::from_secs(30),
                "{micros} us: {:?}",
                begin.elapsed()
            );
            interrupted.store(true, Ordering::Relaxed);
        });
    }
}

/// The same of calls that block, each for that long, unannounced and announced.
#[test]
fn loops_of_short_sleeps_in_the_kernel_leave_others_their_turn() {
    const WORKERS: usize = 8;
    for (micros, is_announced) in [(10, false), (1000, false), (10, true), (1000, true)] {
        on(2, move || {
            let interrupted = Arc::new(AtomicBool::new(false));
            let running = chan::<()>(0);
            for _ in 0..WORKERS {
                let (running, interrupted) = (running.clone(), Arc::clone(&interrupted));
                go(move || {
                    running.send(());
                    while !interrupted.load(Ordering::Relaxed) {
                        if is_announced {
                            runtime::syscall(|| nap(micros));
                        } else {
                            nap(micros);
                        }
                    }
                });
            }
            (0..WORKERS).for_each(|_| _ = running.recv());
            interrupted.store(true, Ordering::Relaxed);
        });
    }
}

fn nap(micros: u64) {
    #[expect(clippy::disallowed_methods, reason = "what blocks the thread is what is tested")]
    std::thread::sleep(Duration::from_micros(micros));
}
