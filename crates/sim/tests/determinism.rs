//! The same seed is the same run, step by step; other seeds are other runs.

use gaggle_hchan::{Chan, chan, select};
use gaggle_runtime::{go, gosched, spawn};
use gaggle_sim::{Report, Sim};
use gaggle_sync::{Mutex, RwMutex, WaitGroup};
use std::sync::Arc;
use std::time::Duration;

/// Something of everything that switches: workers, a mutex, selects, timers, yields.
fn everything() -> Vec<(u64, u64)> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (jobs, results, quit) = (chan::<u64>(3), chan::<u64>(0), chan::<()>(0));
    let wg = WaitGroup::new();
    let table = Arc::new(RwMutex::new(0_u64));
    for worker in 0..5 {
        let (jobs, results, seen, table) =
            (jobs.clone(), results.clone(), Arc::clone(&seen), Arc::clone(&table));
        wg.go(move || {
            for job in jobs {
                gosched();
                *table.write() += job;
                seen.lock().push((worker, job));
                gaggle_time::sleep(Duration::from_millis(job % 7));
                results.send(*table.read());
            }
        });
    }
    listen(results.clone(), quit.clone(), Arc::clone(&seen));
    for job in 0..200 {
        jobs.send(job);
    }
    jobs.close();
    wg.wait();
    quit.close();
    Arc::try_unwrap(seen).map_or_else(|seen| seen.lock().clone(), Mutex::into_inner)
}

fn listen(results: Chan<u64>, quit: Chan<()>, seen: Arc<Mutex<Vec<(u64, u64)>>>) {
    go(move || {
        loop {
            let tick = gaggle_time::after(Duration::from_millis(3));
            select! {
                recv(results) -> value => seen.lock().push((100, value.unwrap())),
                recv(tick) -> _ => seen.lock().push((200, 0)),
                recv(quit) -> _ => break,
            }
        }
    });
}

fn under(seed: u64) -> Report<Vec<(u64, u64)>> {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { Sim::new(seed).log(100_000).run(everything) }.unwrap()
}

#[test]
fn the_same_seed_gives_the_same_steps_and_the_same_values() {
    for seed in [0, 1, 2, 3, 1 << 40] {
        let (one, two) = (under(seed), under(seed));
        assert!(one.steps() > 1_500, "{} steps", one.steps());
        assert_eq!(one.steps(), one.log().len() as u64, "all of them were written down");
        assert_eq!(one.log(), two.log(), "seed {seed}");
        assert_eq!((one.steps(), one.fingerprint()), (two.steps(), two.fingerprint()));
        assert_eq!((one.from_outside(), two.from_outside()), (0, 0));
        assert_eq!(one.elapsed(), two.elapsed());
        assert_eq!(one.into_value(), two.into_value(), "seed {seed}");
    }
}

#[test]
fn other_seeds_give_other_runs() {
    let mut prints: Vec<_> = (0..64).map(|seed| under(seed).fingerprint()).collect();
    prints.sort_unstable();
    prints.dedup();
    assert_eq!(prints.len(), 64);
}

#[test]
fn every_order_of_three_comes_up() {
    let mut orders = std::collections::BTreeSet::new();
    for seed in 0..200 {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let order = unsafe {
            gaggle_sim::run(seed, || {
                let order = Arc::new(Mutex::new(Vec::new()));
                let all = [0, 1, 2].map(|who| {
                    let order = Arc::clone(&order);
                    spawn(move || order.lock().push(who))
                });
                all.into_iter().for_each(|one| one.join().unwrap());
                order.lock().clone()
            })
        };
        orders.insert(order);
    }
    assert_eq!(orders.len(), 6, "{orders:?}");
}

#[test]
fn ready_arms_of_a_select_are_drawn_by_the_seed() {
    let arms = |seed| {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        unsafe {
            gaggle_sim::run(seed, || {
                let (a, b, c) = (chan::<()>(64), chan::<()>(64), chan::<()>(64));
                (0..64).for_each(|_| [&a, &b, &c].into_iter().for_each(|it| it.send(())));
                let choose = || {
                    select! { recv(a) -> _ => 0, recv(b) -> _ => 1, recv(c) -> _ => 2 }
                };
                (0..64).map(|_| choose()).collect::<Vec<_>>()
            })
        }
    };
    // The thread that runs it has drawn before, from a state of its own.
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe {
        gaggle_runtime::run(|| {
            let (a, b) = (chan::<()>(100), chan::<()>(100));
            (0..100).for_each(|_| [&a, &b].into_iter().for_each(|it| it.send(())));
            for _ in 0..100 {
                select! { recv(a) -> _ => (), recv(b) -> _ => () }
            }
        });
    };
    let first = arms(1);
    assert_eq!(first, arms(1));
    assert_ne!(first, arms(2));
    assert!((0..3).all(|arm| first.contains(&arm)), "{first:?}");
}

#[test]
fn a_day_passes_at_once_and_deadlines_are_kept_to_the_nanosecond() {
    let begin = std::time::Instant::now();
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let report = unsafe {
        Sim::new(3).run(|| {
            let day = Duration::from_secs(86_400);
            let late = chan::<()>(0);
            let timed_out = late.recv_timeout(day).is_err();
            gaggle_time::sleep(Duration::from_nanos(7));
            timed_out
        })
    }
    .unwrap();
    assert_eq!(report.elapsed(), Duration::from_secs(86_400) + Duration::from_nanos(7));
    assert_eq!(report.into_value(), Some(true));
    assert!(begin.elapsed() < Duration::from_secs(3_600), "nobody has waited for it");
}

#[test]
fn what_time_it_is_is_the_run_s() {
    let hour = Duration::from_secs(3_600);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let (instants, walls, early) = unsafe {
        gaggle_sim::run(3, move || {
            let (begin, wall) = (gaggle_time::now(), gaggle_time::system_now());
            gaggle_time::sleep(hour);
            // The first timer of the process, perhaps: what it sends is told by the same clock.
            let due = gaggle_time::after(hour).recv().unwrap();
            let early = due.saturating_duration_since(gaggle_time::now());
            (gaggle_time::since(begin), gaggle_time::system_now().duration_since(wall), early)
        })
    };
    assert_eq!((instants, early), (hour * 2, Duration::ZERO));
    let wall = walls.unwrap(); // two clocks are read, one after the other
    assert!(wall.abs_diff(hour * 2) < Duration::from_secs(60), "{wall:?}");
    // And afterwards it is the machine's again.
    let before = std::time::Instant::now();
    let due = gaggle_time::after(Duration::from_millis(1)).recv().unwrap();
    let after = std::time::Instant::now();
    assert!(before < due && due < after + Duration::from_secs(60), "{:?}", due - before);
}

#[test]
fn calls_that_come_later_are_part_of_the_run() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let order = unsafe {
        gaggle_sim::run(9, || {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let wg = WaitGroup::new();
            for seconds in [2, 1, 3] {
                let (seen, wg) = (Arc::clone(&seen), wg.clone());
                wg.add(1);
                gaggle_time::after_func(Duration::from_secs(seconds), move || {
                    seen.lock().push(seconds);
                    wg.done();
                });
            }
            wg.wait();
            seen.lock().clone()
        })
    };
    assert_eq!(order, [1, 2, 3]);
}

#[test]
fn more_goroutines_than_the_draw_has_room_for_all_run() {
    let run = |seed| {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let report = unsafe {
            Sim::new(seed).run(|| {
                let count = Arc::new(Mutex::new(0));
                let wg = WaitGroup::new();
                for _ in 0..5_000 {
                    let count = Arc::clone(&count);
                    wg.go(move || {
                        gosched();
                        *count.lock() += 1;
                    });
                }
                wg.wait();
                *count.lock()
            })
        }
        .unwrap();
        (report.fingerprint(), report.into_value())
    };
    assert_eq!(run(1).1, Some(5_000));
    assert_eq!(run(2), run(2));
}

#[test]
fn a_pinned_goroutine_has_its_own_thread_and_the_same_run() {
    let run = |seed| {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let report = unsafe {
            Sim::new(seed).run(|| {
                let line = chan::<u32>(0);
                let theirs = line.clone();
                go(move || {
                    gaggle_runtime::pin(|| (0..50).for_each(|i| theirs.send(i)));
                    theirs.close();
                });
                gaggle_time::sleep(Duration::from_secs(1));
                line.into_iter().sum::<u32>()
            })
        }
        .unwrap();
        (report.fingerprint(), report.into_value())
    };
    assert_eq!(run(4).1, Some(49 * 50 / 2));
    assert_eq!(run(4), run(4));
}

#[test]
fn what_is_due_at_once_in_a_bubble_comes_in_the_seed_s_order() {
    let order = |seed| {
        let bubble = || {
            let seen = Arc::new(Mutex::new(Vec::new()));
            let wg = WaitGroup::new();
            for who in 0..8 {
                let seen = Arc::clone(&seen);
                wg.go(move || {
                    gaggle_time::sleep(Duration::from_secs(1));
                    seen.lock().push(who);
                });
            }
            wg.wait();
            seen.lock().clone()
        };
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let report = unsafe { Sim::new(seed).run(move || gaggle_synctest::test(bubble)) }.unwrap();
        (report.fingerprint(), report.into_value())
    };
    for seed in 0..20 {
        assert_eq!(order(seed), order(seed), "seed {seed}");
    }
}

/// A16: its thread ends with it, and another goes on.
#[test]
fn a_goroutine_that_ends_locked_to_its_thread_does_not_end_the_run() {
    let run = |seed| {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let report = unsafe {
            Sim::new(seed).run(|| {
                for _ in 0..3 {
                    go(|| {
                        gaggle_runtime::lock_os_thread();
                        gosched();
                    });
                }
                gaggle_time::sleep(Duration::from_secs(1));
                gaggle_runtime::lock_os_thread();
                5
            })
        }
        .unwrap();
        (report.fingerprint(), report.into_value())
    };
    for seed in 0..10 {
        assert_eq!(run(seed).1, Some(5));
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
}
