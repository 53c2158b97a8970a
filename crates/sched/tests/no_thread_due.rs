//! No thread is to be had, and those who are runnable block their P in turns: whose time has come waits for few of them.
//!
//! This binary has its own `pthread_create`, which fails while it is told to.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.

#[path = "support/denied.rs"]
mod denied;

use denied::{DENIED, REFUSED, nap, sleep, watch};
use gaggle_gopark::{self as gopark, Task};
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Its timer is rung by a thread without a P, as all are busy. It stood behind all others then, and the end of that line is looked
/// at once in 61 turns.
#[test]
fn whose_time_has_come_is_not_passed_over_where_all_block() {
    static TURNS: AtomicU32 = AtomicU32::new(0);
    watch();
    gaggle_sched::gomaxprocs(1);
    let main = || {
        DENIED.store(1, Ordering::Release);
        for _ in 0..200 {
            let blocks = || {
                nap(Duration::from_millis(20));
                TURNS.fetch_add(1, Ordering::AcqRel);
            };
            gopark::spawn(Task::new(blocks), Location::caller());
        }
        sleep(Duration::from_millis(50));
        let turns = TURNS.load(Ordering::Acquire);
        DENIED.store(0, Ordering::Release);
        assert!(turns < 40, "{turns} others had their turns before");
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(main), Location::caller()) };
    assert!(REFUSED.load(Ordering::Acquire) > 0, "nobody asked for a thread");
}
