//! Planted bugs are found within a bounded number of seeds, and their seeds replay them.

use gaggle_hchan::chan;
use gaggle_runtime::{go, gosched, spawn};
use gaggle_sim::{Failed, Sim, Why};
use gaggle_sync::{Mutex, WaitGroup};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Looks for a bug under so many seeds; then replays it five times.
fn find(seeds: u64, bug: fn()) -> Failed {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let found = unsafe { Sim::new(0).explore(seeds, bug) }.expect_err("it was not found");
    for _ in 0..5 {
        // SAFETY: as above.
        let again = unsafe { Sim::new(found.seed()).run(bug) }.expect_err("it is not there again");
        assert_eq!(again.fingerprint(), found.fingerprint());
        assert_eq!(again.steps(), found.steps());
    }
    let text = found.to_string();
    let seed = found.seed();
    assert!(text.starts_with(&format!("seed {seed} fails at step ")), "{text}");
    assert!(text.ends_with(&format!("GAGGLE_SEED={seed} replays it")), "{text}");
    found
}

/// True if every one of so many seeds is in order.
fn is_in_order(seeds: u64, program: fn()) {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let explored = unsafe { Sim::new(0).explore(seeds, program) };
    assert_eq!(explored.unwrap_or_else(|failed| panic!("{failed}")).runs(), seeds);
}

fn add_twice(add: fn(&AtomicU32)) {
    let number = Arc::new(AtomicU32::new(0));
    let adders = [0, 1].map(|_| {
        let number = Arc::clone(&number);
        spawn(move || add(&number))
    });
    adders.into_iter().for_each(|adder| adder.join().unwrap());
    assert_eq!(number.load(Ordering::Relaxed), 2, "an update is lost");
}

#[test]
fn a_lost_update_is_found() {
    fn torn(number: &AtomicU32) {
        let seen = number.load(Ordering::Relaxed);
        gosched();
        number.store(seen + 1, Ordering::Relaxed);
    }
    let found = find(100, || add_twice(torn));
    let Why::Panic(words) = found.why() else { panic!("{found}") };
    assert!(words.contains("an update is lost"), "{words}");
    is_in_order(300, || {
        add_twice(|number| {
            gosched();
            number.fetch_add(1, Ordering::Relaxed);
        });
    });
}

fn two_locks(same_order: bool) {
    let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
    let (other_a, other_b) = (Arc::clone(&a), Arc::clone(&b));
    let other = spawn(move || {
        let (first, second) = if same_order { (other_a, other_b) } else { (other_b, other_a) };
        let _first = first.lock();
        let _second = second.lock();
    });
    {
        let _first = a.lock();
        let _second = b.lock();
    }
    other.join().unwrap();
}

#[test]
fn a_deadlock_by_the_order_of_locks_is_found() {
    let found = find(100, || two_locks(false));
    let Why::Deadlock(stacks) = found.why() else { panic!("{found}") };
    assert_eq!(stacks.matches("[sync.Mutex.Lock]").count(), 2, "{stacks}");
    is_in_order(300, || two_locks(true));
}

fn producers(closed_by_who_is_last: bool) {
    let line = chan::<u32>(1);
    let left = Arc::new(AtomicU32::new(2));
    for _ in 0..2 {
        let (line, left) = (line.clone(), Arc::clone(&left));
        go(move || {
            line.send(1);
            let seen = left.load(Ordering::Relaxed);
            if !closed_by_who_is_last {
                gosched();
                left.store(seen - 1, Ordering::Relaxed);
                if seen == 1 {
                    line.close();
                }
            } else if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                line.close();
            }
        });
    }
    assert_eq!(line.into_iter().sum::<u32>(), 2);
}

#[test]
fn a_missed_close_is_found() {
    let found = find(100, || producers(false));
    let Why::Deadlock(stacks) = found.why() else { panic!("{found}") };
    assert!(stacks.contains("[chan receive]"), "{stacks}");
    is_in_order(300, || producers(true));
}

#[test]
fn a_goroutine_that_waits_for_ever_after_main_is_found_and_named() {
    let found = find(1, || {
        let nobody_sends = chan::<()>(0);
        go(move || assert_eq!(nobody_sends.recv(), None));
    });
    let Why::LeftBehind(stacks) = found.why() else { panic!("{found}") };
    assert!(stacks.contains("[chan receive]") && stacks.contains("created by"), "{stacks}");
}

#[test]
fn a_panic_of_a_goroutine_that_nobody_joins_ends_the_run_and_not_the_process() {
    let found = find(1, || {
        let wg = WaitGroup::new();
        let theirs = wg.clone();
        wg.add(1);
        go(move || {
            gosched();
            drop(theirs);
            panic!("on purpose");
        });
        wg.wait();
    });
    assert_eq!(found.why(), &Why::Panic("on purpose".into()));
}

#[test]
fn so_does_that_of_one_whose_handle_was_dropped_before_or_after_or_while_another_panic_unwinds() {
    struct Drops(Option<gaggle_runtime::JoinHandle<()>>);
    impl Drop for Drops {
        fn drop(&mut self) {
            drop(self.0.take());
        }
    }
    let purposes: [fn(); 3] = [
        || drop(spawn(|| panic!("on purpose"))),
        || {
            let handle = spawn(|| panic!("on purpose"));
            while !handle.is_finished() {
                gosched();
            }
            drop(handle);
        },
        || {
            let handle = spawn(|| panic!("on purpose"));
            while !handle.is_finished() {
                gosched();
            }
            let _drops = Drops(Some(handle));
            panic!("another");
        },
    ];
    for purpose in purposes {
        for _ in 0..3 {
            assert_eq!(find(1, purpose).why(), &Why::Panic("on purpose".into()));
            is_in_order(3, || spawn(gosched).join().unwrap());
        }
    }
}

#[test]
fn a_panic_whose_value_panics_when_it_is_dropped_ends_the_run_only() {
    struct Value;
    impl Drop for Value {
        fn drop(&mut self) {
            panic!("while it is dropped");
        }
    }
    let found = find(1, || go(|| std::panic::panic_any(Value)));
    assert!(matches!(found.why(), Why::Panic(_)), "{found}");
}

#[test]
fn a_program_without_an_end_is_stopped() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let found = unsafe {
        Sim::new(0).steps(10_000).run::<_, ()>(|| {
            loop {
                gosched();
            }
        })
    };
    assert_eq!(found.expect_err("it has no end").why(), &Why::Steps(10_000));
}

#[test]
fn a_time_out_that_is_too_short_by_a_nanosecond_is_found_however_slow_the_machine_is() {
    fn answer_within(limit: Duration) {
        let answer = chan::<u32>(1);
        let theirs = answer.clone();
        go(move || {
            gaggle_time::sleep(Duration::from_millis(10));
            theirs.send(1);
        });
        assert_eq!(answer.recv_timeout(limit).ok(), Some(1));
    }
    drop(find(1, || answer_within(Duration::from_nanos(9_999_999))));
    is_in_order(100, || answer_within(Duration::from_nanos(10_000_001)));
}

#[test]
fn who_failed_disturbs_no_run_that_follows() {
    for _ in 0..20 {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        let failed = unsafe {
            Sim::new(0).run::<_, ()>(|| {
                go(|| {
                    gaggle_time::sleep(Duration::from_millis(5));
                    gaggle_time::sleep(Duration::from_secs(1 << 40));
                });
                gaggle_time::sleep(Duration::from_millis(1));
                panic!("on purpose");
            })
        };
        assert!(matches!(failed.expect_err("it panics").why(), Why::Panic(_)));
        // SAFETY: as above.
        unsafe {
            gaggle_sim::run(0, || gaggle_time::sleep(Duration::from_secs(1)));
        }
    }
}

#[test]
fn nobody_of_a_run_that_failed_goes_on_however_many_they_were() {
    let went_on = Arc::new(AtomicU32::new(0));
    let theirs = Arc::clone(&went_on);
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let failed = unsafe {
        Sim::new(0).run::<_, ()>(move || {
            // More than the draw has room for.
            for _ in 0..3_000 {
                let went_on = Arc::clone(&theirs);
                go(move || _ = went_on.fetch_add(1, Ordering::Relaxed));
            }
            panic!("on purpose");
        })
    };
    assert!(matches!(failed.expect_err("it panics").why(), Why::Panic(_)));
    // SAFETY: as above.
    unsafe { gaggle_runtime::run(|| (0..10_000).for_each(|_| gosched())) };
    assert_eq!(went_on.load(Ordering::Relaxed), 0);
}

#[test]
fn a_log_that_no_memory_holds_is_refused_and_disturbs_no_run_that_follows() {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    let refused = std::panic::catch_unwind(|| unsafe {
        Sim::new(0).steps(u64::MAX).log(usize::MAX).run(gosched)
    });
    let words = refused.map(drop).expect_err("so much memory there is not");
    let words = words.downcast_ref::<String>().expect("a text");
    assert_eq!(*words, format!("sim: there is no memory for a log of {} steps", usize::MAX));
    // As many steps as there may be, and no more, are written down.
    // SAFETY: as above.
    let report = unsafe { Sim::new(0).steps(1_000).log(usize::MAX).run(gosched) }.unwrap();
    assert_eq!(report.steps(), report.log().len() as u64);
}

#[test]
fn a_run_of_its_own_goes_on_as_ever_between_two_that_are_replayed() {
    for seed in 0..10 {
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        unsafe { gaggle_sim::run(seed, || spawn(|| 1).join().unwrap()) };
        assert_eq!(gaggle_sim::seed(), None);
        let before = std::time::Instant::now();
        // SAFETY: as above.
        let procs = unsafe {
            gaggle_runtime::run(|| {
                gaggle_time::sleep(Duration::from_millis(2));
                spawn(|| gaggle_runtime::gomaxprocs(0)).join().unwrap()
            })
        };
        assert!(before.elapsed() >= Duration::from_millis(2), "the clock is the machine's again");
        assert!(procs >= 1);
    }
}
