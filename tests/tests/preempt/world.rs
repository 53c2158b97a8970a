//! Go's tests of what stops the world there: a new number of Ps, and dumps, in the middle of everything
//! (R/runtime/proc_test.go). Here nobody is stopped for either, and all of it must come through.

use crate::field::{on, yield_until};
use crate::hogs::{Stop, hogs, spin};
use gaggle::sync::WaitGroup;
use gaggle::{go, runtime, spawn, time};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

fn respawn(stop: Stop, ended: Arc<AtomicU32>) {
    if stop.is_set() {
        ended.fetch_add(1, Ordering::AcqRel);
        return;
    }
    go(move || respawn(stop, ended));
}

/// TestStopTheWorldDeadlock: a goroutine that starts itself anew for ever, beside changes of the number of
/// Ps and dumps.
#[test]
fn ps_come_and_go_and_dumps_are_made_beside_a_chain_of_goroutines() {
    on(3, || {
        let (stop, ended) = (Stop::default(), Arc::new(AtomicU32::new(0)));
        respawn(stop.clone(), Arc::clone(&ended));
        let changes = spawn(|| {
            for _ in 0..333 {
                for procs in [1, 2, 3] {
                    runtime::gomaxprocs(procs);
                }
            }
        });
        let dumps =
            spawn(|| (0..20).for_each(|_| assert!(runtime::stack(true).contains("goroutine "))));
        changes.join().unwrap();
        dumps.join().unwrap();
        stop.now();
        yield_until(|| ended.load(Ordering::Acquire) == 1);
    });
}

/// TestPreemptionGC: as many goroutines compute as there are Ps, and more.
#[test]
fn ps_come_and_go_and_dumps_are_made_beside_loops_without_calls() {
    on(3, || {
        let (stop, wg) = (Stop::default(), WaitGroup::new());
        hogs(5, &stop, &wg, spin);
        for round in 0..3 {
            assert_eq!(runtime::gomaxprocs(1), 3, "round {round}");
            assert!(runtime::stack(true).contains("goroutine "));
            assert_eq!(runtime::gomaxprocs(3), 1, "round {round}");
            time::sleep(Duration::from_millis(3));
        }
        stop.now();
        wg.wait();
    });
}

/// TestMexitSTW: threads end with their goroutines all the time.
#[test]
fn ps_come_and_go_and_dumps_are_made_while_threads_end() {
    on(4, || {
        let ended = Arc::new(AtomicU32::new(0));
        let (mut started, stop) = (0, Stop::default());
        let (wg, theirs) = (WaitGroup::new(), stop.clone());
        wg.go(move || {
            while !theirs.is_set() {
                [1, 4, 2].into_iter().for_each(|procs| _ = runtime::gomaxprocs(procs));
                assert!(runtime::stack(true).contains("goroutine "));
            }
        });
        for _ in 0..20 {
            for _ in 0..8 {
                let ended = Arc::clone(&ended);
                started += 1;
                go(move || {
                    runtime::lock_os_thread();
                    time::sleep(Duration::from_micros(50));
                    ended.fetch_add(1, Ordering::AcqRel);
                });
            }
            yield_until(|| ended.load(Ordering::Acquire) == started);
        }
        stop.now();
        wg.wait();
    });
}

/// TestLockOSThreadTemplateThreadRace: goroutines that are locked start others, which lock themselves, all at
/// once.
#[test]
fn locked_goroutines_start_locked_goroutines() {
    fn generation(left: u32) -> u32 {
        runtime::lock_os_thread();
        let sum = match left {
            0 => 1,
            left => (0..3)
                .map(|_| spawn(move || generation(left - 1)))
                .collect::<Vec<_>>()
                .into_iter()
                .map(|child| child.join().unwrap())
                .sum(),
        };
        if left.is_multiple_of(2) {
            runtime::unlock_os_thread(); // the others take their threads along
        }
        sum
    }
    for procs in [1, 2, 4] {
        on(procs, || assert_eq!(spawn(|| generation(4)).join().unwrap(), 81));
    }
}

/// TestSpuriousWakeupsNeverHangSemasleep: signals that end the kernel's sleeps early end nobody's sleep, and
/// keep nobody asleep.
#[test]
fn signals_all_the_time_neither_shorten_a_sleep_nor_hang_it() {
    on(2, || {
        let stop = Stop::default();
        let theirs = stop.clone();
        let sender = std::thread::spawn(move || {
            let this = i32::try_from(std::process::id()).unwrap();
            while !theirs.is_set() {
                // SAFETY: the runtime has a handler for it.
                unsafe { libc::kill(this, libc::SIGURG) };
                // SAFETY: as above: the thread of `on`'s caller.
                unsafe { libc::raise(libc::SIGURG) };
                std::thread::yield_now();
            }
        });
        let sleepers: Vec<_> = (1..=20)
            .map(|n| {
                spawn(move || {
                    let nap = Duration::from_micros(700 * n);
                    for _ in 0..5 {
                        let begin = Instant::now();
                        time::sleep(nap);
                        assert!(begin.elapsed() >= nap);
                    }
                })
            })
            .collect();
        sleepers.into_iter().for_each(|sleeper| sleeper.join().unwrap());
        stop.now();
        sender.join().unwrap();
    });
}
