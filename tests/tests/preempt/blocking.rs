//! Calls that block the thread, announced by `syscall` or not, stop no other goroutine (SEMANTICS
//! F; one P included).
//!
//! *By The Real Clock*: what sleeps is a thread in the kernel.
#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "blocking the M is what is tested"
)]

use crate::field::on;
use crate::hogs::{Stop, hogs, spin};
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, runtime, spawn, time};
use std::io::{PipeReader, Read, Write, pipe};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Blocks in a call until `release` is sent something; others must run for that to happen.
fn others_run_during(block: impl Fn(&mut PipeReader) + Clone + Send + 'static) {
    for procs in [1, 2] {
        let block = block.clone();
        on(procs, move || {
            for _ in 0..5 {
                let (mut end, mut release) = pipe().unwrap();
                let block = block.clone();
                let reader = spawn(move || block(&mut end));
                runtime::gosched(); // on one P it blocks now
                let (a, b) = (chan::<u32>(0), chan::<u32>(0));
                let (a2, b2) = (a.clone(), b.clone());
                go(move || a2.into_iter().for_each(|n| b2.send(n)));
                for n in 0..100 {
                    a.send(n);
                    assert_eq!(b.recv(), Some(n));
                }
                a.close();
                release.write_all(b"x").unwrap();
                reader.join().unwrap();
            }
        });
    }
}

/// SEMANTICS D6, F5, F9: on one P too.
#[test]
fn others_run_while_one_reads_a_pipe() {
    others_run_during(|end| end.read_exact(&mut [0]).unwrap());
}

/// D6, F9: nor does it help the runtime that std makes a call: C's own `read` on a pipe, unannounced.
#[test]
fn others_run_while_one_is_in_a_call_of_c() {
    others_run_during(|end| {
        let mut byte = 0_u8;
        // SAFETY: room for a byte.
        let count = unsafe { libc::read(end.as_raw_fd(), (&raw mut byte).cast(), 1) };
        assert_eq!((count, byte), (1, b'x'));
    });
}

/// The same of one that comes back by itself: others have their turns meanwhile.
#[test]
fn others_run_while_c_sleeps() {
    on(1, || {
        let done = chan::<()>(1);
        let tell = done.clone();
        go(move || {
            // SAFETY: a number alone.
            unsafe { libc::usleep(100_000) };
            tell.send(());
        });
        runtime::gosched(); // it sleeps now
        let mut rounds = 0;
        while done.try_recv().is_err() {
            time::sleep(Duration::from_micros(200));
            rounds += 1;
        }
        assert!(rounds > 3, "only {rounds} naps beside 100 ms of sleep");
    });
}

/// SEMANTICS F3.
#[test]
fn others_run_while_one_reads_a_pipe_inside_syscall() {
    others_run_during(|end| runtime::syscall(|| end.read_exact(&mut [0]).unwrap()));
}

/// SEMANTICS F3: the P of a call stays with others, even if the call computes and nobody else is ready
/// meanwhile, and nothing would take the P back.
#[test]
fn others_run_while_one_computes_inside_syscall() {
    on(1, || {
        let stop = Stop::default();
        let theirs = stop.clone();
        let wg = WaitGroup::new();
        wg.go(move || {
            time::sleep(Duration::from_millis(20)); // the only P idles, and may be lent
            theirs.now();
        });
        runtime::syscall(|| {
            while !stop.is_set() {
                spin(0);
            }
        });
        wg.wait();
    });
}

#[test]
fn others_run_while_one_sleeps_in_the_kernel() {
    on(1, || {
        let wg = WaitGroup::new();
        let done = chan::<()>(1);
        let tell = done.clone();
        wg.go(move || {
            std::thread::sleep(Duration::from_millis(50));
            tell.send(());
        });
        let mut rounds = 0;
        while done.try_recv().is_err() {
            time::sleep(Duration::from_micros(200));
            rounds += 1;
        }
        assert!(rounds > 3, "only {rounds} naps beside 50 ms of sleep");
        wg.wait();
    });
}

/// SEMANTICS D6.
#[test]
fn many_block_at_once_and_all_come_back() {
    for procs in [1, 2, 4] {
        on(procs, || {
            let wg = WaitGroup::new();
            for i in 0..50_u64 {
                wg.go(move || {
                    for _ in 0..3 {
                        std::thread::sleep(Duration::from_millis(1 + i % 5));
                        runtime::syscall(|| std::thread::sleep(Duration::from_millis(1)));
                    }
                });
            }
            wg.wait();
        });
    }
}

#[test]
fn a_std_mutex_held_elsewhere_blocks_only_who_wants_it() {
    on(1, || {
        let mutex = Arc::new(Mutex::new(0));
        let held = mutex.lock().unwrap();
        let waiter = {
            let mutex = Arc::clone(&mutex);
            spawn(move || *mutex.lock().unwrap() += 1)
        };
        runtime::gosched(); // the waiter blocks the thread: we go on on another one
        time::sleep(Duration::from_millis(2));
        drop(held);
        waiter.join().unwrap();
        assert_eq!(*mutex.lock().unwrap(), 1);
    });
}

#[test]
fn who_comes_out_of_a_call_may_use_everything_before_it_has_a_p() {
    // One P, kept busy by hogs: out of the call the goroutine has none for a while.
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(2, &stop, &wg, spin);
        let (full, empty) = (chan::<u32>(8), chan::<u32>(0));
        let helper = empty.clone();
        for n in 0..10 {
            std::thread::sleep(Duration::from_millis(3));
            let tell = helper.clone();
            go(move || tell.send(n)); // starts a goroutine without a P
            assert!(full.try_send(n).is_ok()); // an operation that never switches
            assert_eq!(full.try_recv(), Ok(n));
            assert_eq!(empty.recv(), Some(n)); // one that does
            std::thread::sleep(Duration::from_millis(3));
            time::sleep(Duration::from_micros(50)); // parks with a deadline
        }
        stop.now();
        wg.wait();
    });
}

#[test]
fn a_goroutine_may_end_or_panic_right_after_a_blocking_call() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(1, &stop, &wg, spin);
        for _ in 0..5 {
            spawn(|| std::thread::sleep(Duration::from_millis(3))).join().unwrap();
            let end = spawn(|| {
                std::thread::sleep(Duration::from_millis(3));
                panic!("expected");
            });
            assert_eq!(end.join().unwrap_err().message(), "expected");
            let end = spawn(|| runtime::syscall(|| -> () { panic!("inside a call") }));
            assert_eq!(end.join().unwrap_err().message(), "inside a call");
        }
        stop.now();
        wg.wait();
    });
}

#[test]
fn a_pinned_goroutine_that_blocks_keeps_its_thread() {
    on(1, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(1, &stop, &wg, spin);
        runtime::pin(|| {
            let before = std::thread::current().id();
            for _ in 0..5 {
                std::thread::sleep(Duration::from_millis(3));
                time::sleep(Duration::from_micros(100));
                runtime::gosched();
                runtime::syscall(|| std::thread::sleep(Duration::from_millis(1)));
                assert_eq!(std::thread::current().id(), before);
            }
        });
        stop.now();
        wg.wait();
    });
}
