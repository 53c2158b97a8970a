//! Pinned goroutines keep their thread, and nobody else is held up by them.

use gaggle_gopark::{self as gopark, Task};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

fn run(f: impl FnOnce() + Send + 'static) {
    gaggle_sched::run(Task::new(f), Location::caller());
}

fn go(f: impl FnOnce() + Send + 'static) {
    gopark::spawn(Task::new(f), Location::caller());
}

fn thread() -> std::thread::ThreadId {
    #[inline(never)]
    fn id() -> std::thread::ThreadId {
        std::thread::current().id()
    }
    id()
}

#[test]
fn a_pinned_goroutine_comes_back_on_its_thread() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    run(|| {
        for _ in 0..8 {
            go(|| {
                gaggle_sched::pin(|| {
                    let home = thread();
                    for round in 0..200 {
                        gaggle_sched::gosched();
                        assert_eq!(thread(), home, "round {round}");
                    }
                });
                DONE.fetch_add(1, Ordering::Relaxed);
            });
        }
        while DONE.load(Ordering::Relaxed) < 8 {
            gaggle_sched::gosched();
        }
    });
    assert_eq!(DONE.load(Ordering::Relaxed), 8);
}

/// Blocks while it is dropped.
struct Blocks;

impl Drop for Blocks {
    fn drop(&mut self) {
        assert!(std::thread::panicking());
        let home = thread();
        for _ in 0..50 {
            gaggle_sched::gosched();
            assert_eq!(thread(), home);
        }
    }
}

#[test]
fn a_goroutine_that_blocks_while_it_unwinds_ends_its_panic_where_it_began() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    run(|| {
        for _ in 0..8 {
            go(|| {
                let _caught = gaggle_sched::catching();
                let result = catch_unwind(AssertUnwindSafe(|| {
                    let _blocks = Blocks;
                    std::panic::resume_unwind(Box::new("quietly"));
                }));
                assert!(result.is_err());
                assert!(!std::thread::panicking());
                DONE.fetch_add(1, Ordering::Relaxed);
            });
        }
        while DONE.load(Ordering::Relaxed) < 8 {
            gaggle_sched::gosched();
            assert!(!std::thread::panicking());
        }
    });
    assert_eq!(DONE.load(Ordering::Relaxed), 8);
}
