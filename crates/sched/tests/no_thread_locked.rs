//! No thread is to be had, and each there is waits for a goroutine that is locked to it; or a call has come that needs one.
//!
//! This binary has its own `pthread_create`, which fails while it is told to.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.

#[path = "support/denied.rs"]
mod denied;

use denied::{DENIED, REFUSED, nap, sleep, watch};
use gaggle_gopark::{self as gopark, Commit, Task, WaitReason};
use gaggle_sched::LaterOnce;
use std::panic::Location;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Set for a child process that is to end with a fatal error.
const CHILD: &str = "GAGGLE_TEST_HOPELESS";
const SLEEPERS: u32 = 12;

/// Every M waits for a sleeper of its own, so nobody looked at the clock: it hung.
#[test]
fn who_is_locked_sleeps_no_longer_than_it_wants_though_there_are_no_more_threads() {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    static DONE: AtomicU32 = AtomicU32::new(0);
    gaggle_sched::gomaxprocs(2);
    watch();
    let main = || {
        DENIED.store(1, Ordering::Release);
        for _ in 0..SLEEPERS {
            let sleeper = || {
                gaggle_sched::lock_os_thread();
                sleep(Duration::from_millis(20));
                gaggle_sched::unlock_os_thread();
                DONE.fetch_add(1, Ordering::AcqRel);
            };
            gopark::spawn(Task::new(sleeper), Location::caller());
        }
        while DONE.load(Ordering::Acquire) < SLEEPERS {
            sleep(Duration::from_millis(5));
        }
        DENIED.store(0, Ordering::Release);
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(main), Location::caller()) };
    assert!(REFUSED.load(Ordering::Acquire) > 0, "nobody asked for a thread");
}

/// Main waits for one that has no thread to run on, and none will come free.
#[test]
fn to_wait_for_a_thread_without_hope_is_fatal() {
    if std::env::var_os(CHILD).is_some() {
        watch();
        // SAFETY: nothing here touches a thread-local on both sides of a switch point.
        unsafe { gaggle_sched::run(Task::new(wait_without_hope), Location::caller()) };
        return;
    }
    let said = child("to_wait_for_a_thread_without_hope_is_fatal");
    assert!(said.contains("runtime: failed to create new OS thread (have "), "{said}");
    assert!(said.contains("already; errno=11)\n"), "{said}");
    assert!(said.contains("ulimit -u)\nfatal error: newosproc\n"), "{said}");
}

fn wait_without_hope() {
    gaggle_sched::gomaxprocs(2);
    DENIED.store(1, Ordering::Release);
    gaggle_sched::lock_os_thread();
    for _ in 0..SLEEPERS {
        let waits = || {
            gaggle_sched::lock_os_thread();
            gopark::enter().park(WaitReason::SelectNoCases, Commit::none());
        };
        gopark::spawn(Task::new(waits), Location::caller());
    }
    gopark::enter().park(WaitReason::SelectNoCases, Commit::none());
}

/// Nobody has promised what goroutines need, and there is no thread for a call that has come: the program ends with Go's words.
#[test]
fn a_call_that_needs_a_thread_and_has_none_is_fatal() {
    if std::env::var_os(CHILD).is_some() {
        watch();
        let (tell, told) = std::sync::mpsc::channel();
        let site = Location::caller();
        let _first = LaterOnce::at(1, move || tell.send(()).unwrap(), site);
        told.recv().unwrap(); // whoever looks at the clock exists
        DENIED.store(1, Ordering::Release);
        let _second = LaterOnce::at(1, || (), site);
        nap(Duration::MAX);
    }
    let said = child("a_call_that_needs_a_thread_and_has_none_is_fatal");
    assert!(said.contains("failed to spawn thread"), "{said}");
    assert!(said.ends_with("fatal error: newosproc\n"), "{said}");
}

/// There is not even one for the runtime itself, which is no fault of its own.
#[test]
fn to_begin_without_a_thread_is_fatal() {
    if std::env::var_os(CHILD).is_some() {
        watch();
        DENIED.store(1, Ordering::Release);
        gaggle_sched::gomaxprocs(1);
        return;
    }
    let said = child("to_begin_without_a_thread_is_fatal");
    let wanted = "runtime: failed to create new OS thread (have 0 already; errno=11)\n\
                  runtime: may need to increase max user processes (ulimit -u)\n\
                  fatal error: newosproc\n";
    assert_eq!(said, wanted);
}

/// What that test says in a process of its own, whose end is a fatal error.
fn child(test: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let end = Command::new(program).args(["--exact", test, "--nocapture"]).env(CHILD, "1").output();
    let end = end.unwrap();
    let said = String::from_utf8_lossy(&end.stderr).into_owned();
    assert_eq!(end.status.code(), Some(2), "{said}");
    said
}
