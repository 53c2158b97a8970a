//! Stacks shrink: what deep goroutines have used goes back to the kernel once all is quiet.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.

use gaggle_gopark::{self as gopark, Task};
use gaggle_lock::nanotime;
use std::hint::black_box;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const GOROUTINES: usize = 2000;
const DEEP: usize = 64 << 10;
/// What the monitor may take, however slow the machine.
const LIMIT: u64 = 60_000_000_000;

fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() << 10
}

#[inline(never)]
fn use_the_stack() -> u8 {
    let room = black_box([1_u8; DEEP]);
    room[DEEP / 2]
}

#[test]
fn idle_stacks_give_their_memory_back() {
    let deep = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&deep);
    let main = move || {
        for _ in 0..GOROUTINES {
            let deep = Arc::clone(&seen);
            let body = move || {
                assert_eq!(use_the_stack(), 1);
                deep.fetch_add(1, Ordering::AcqRel);
                while deep.load(Ordering::Acquire) < GOROUTINES {
                    gaggle_sched::gosched(); // all stacks are in use at once
                }
            };
            gopark::spawn(Task::new(body), Location::caller());
        }
        while gaggle_sched::num_goroutine() > 1 {
            gaggle_sched::gosched();
        }
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(main), Location::caller()) };
    let peak = resident();
    assert!(peak > GOROUTINES * DEEP, "the stacks were not used: {peak} bytes resident");
    let end = nanotime() + LIMIT;
    while resident() > peak / 2 {
        assert!(nanotime() < end, "resident: {peak} at the peak, {} a minute later", resident());
        #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
