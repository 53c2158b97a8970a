//! Pinned goroutines keep their thread, and nobody else is held up by them.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "blocking the M is part of what is tested"
)]

use gaggle_gopark::{self as gopark, Task};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn run(f: impl FnOnce() + Send + 'static) {
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(f), Location::caller()) };
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

/// SEMANTICS A19.
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

/// The kernel's number of this thread.
#[inline(never)]
fn tid() -> i32 {
    // SAFETY: only asks.
    unsafe { libc::syscall(libc::SYS_gettid) as i32 }
}

fn lives(tid: i32) -> bool {
    std::path::Path::new(&format!("/proc/self/task/{tid}")).exists()
}

/// A15: locking nests, and unlocking without a lock does nothing.
#[test]
fn a_locked_goroutine_keeps_its_thread_until_the_last_unlock() {
    run(|| {
        gaggle_sched::unlock_os_thread();
        gaggle_sched::lock_os_thread();
        gaggle_sched::lock_os_thread();
        gaggle_sched::unlock_os_thread();
        let home = tid();
        for _ in 0..100 {
            go(|| assert!(tid() != 0));
            gaggle_sched::gosched();
            assert_eq!(tid(), home);
        }
        gaggle_sched::unlock_os_thread();
        gaggle_sched::unlock_os_thread();
    });
}

/// A15, A20: whoever a locked goroutine starts runs elsewhere, and is not locked: its end takes no thread along (A16).
#[test]
fn whoever_a_locked_goroutine_starts_is_not_locked() {
    static THEIRS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    run(|| {
        gaggle_sched::lock_os_thread();
        let home = tid();
        for count in 1..=200 {
            go(|| {
                THEIRS.lock().unwrap().insert(tid());
                ENDED.fetch_add(1, Ordering::Release);
            });
            while ENDED.load(Ordering::Acquire) < count {
                gaggle_sched::gosched();
            }
        }
        let theirs = THEIRS.lock().unwrap();
        assert!(!theirs.contains(&home));
        assert!(theirs.len() < 100, "{} threads for 200 goroutines", theirs.len());
        gaggle_sched::unlock_os_thread();
    });
}

/// A16, TestLockOSThreadExit (★26): the thread of a goroutine that ends while it is locked ends.
#[test]
fn a_goroutine_that_ends_while_locked_takes_its_thread_along() {
    static HOME: AtomicUsize = AtomicUsize::new(0);
    for round in 0..20 {
        run(|| {
            go(|| {
                gaggle_sched::lock_os_thread();
                HOME.store(tid() as usize, Ordering::Relaxed);
            });
            while HOME.load(Ordering::Relaxed) == 0 {
                gaggle_sched::gosched();
            }
        });
        let home = HOME.swap(0, Ordering::Relaxed) as i32;
        let gone = (0..2000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            !lives(home)
        });
        assert!(gone, "round {round}: thread {home} lives");
    }
}

/// A16 for main, by a return and by an unwinding.
#[test]
fn a_locked_main_goroutine_may_end_too() {
    for _ in 0..5 {
        run(gaggle_sched::lock_os_thread);
        run(|| {
            go(|| {
                gaggle_sched::lock_os_thread();
                gaggle_sched::goexit();
            });
            gaggle_sched::gosched();
        });
    }
}

/// A18, TestLockOSThreadAvoidsStatePropagation (★27), with the signal mask for a state that needs
/// no privileges: new threads do not inherit what a locked goroutine did to its own.
#[test]
fn what_a_locked_goroutine_does_to_its_thread_is_not_inherited() {
    fn masked() -> bool {
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: only asks.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), set.as_mut_ptr()) };
        // SAFETY: the call filled it in.
        unsafe { libc::sigismember(set.as_ptr(), libc::SIGUSR2) == 1 }
    }
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    run(|| {
        gaggle_sched::lock_os_thread();
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: a place for the set.
        unsafe { libc::sigemptyset(set.as_mut_ptr()) };
        // SAFETY: initialised above.
        unsafe { libc::sigaddset(set.as_mut_ptr(), libc::SIGUSR2) };
        // SAFETY: as above; this thread's own mask.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut()) };
        assert!(masked());
        for _ in 0..20 {
            go(|| {
                // Blocks its thread, so new ones are made.
                std::thread::sleep(std::time::Duration::from_millis(20));
                assert!(!masked(), "inherited");
                SEEN.fetch_add(1, Ordering::Relaxed);
            });
        }
        while SEEN.load(Ordering::Relaxed) < 20 {
            gaggle_sched::gosched();
        }
        // It ends locked: its thread is not used again.
    });
}
