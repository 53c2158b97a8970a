//! No thread is to be had for a while: what waits for one goes on once there is one again.
//!
//! This binary has its own `pthread_create`, which fails while it is told to.
//!
//! *By The Real Clock*: this crate knows no bubbles, and its sleepers are threads.

#[path = "support/denied.rs"]
mod denied;

use denied::{DENIED, REFUSED, nap, sleep, watch};
use gaggle_gopark::{self as gopark, Task};
use std::io::{Read, Write, pipe};
use std::panic::Location;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The one M blocks, no other is to be had, and the one timer is due long after the monitor would have
/// gone to sleep. By then there are threads again. (It hung: nobody slept until that timer.)
#[test]
fn a_timer_is_run_though_there_was_no_thread_when_it_was_set() {
    gaggle_sched::gomaxprocs(1);
    watch();
    let main = || {
        let (mut end, mut release) = pipe().unwrap();
        let sleeper = move || {
            sleep(Duration::from_millis(600));
            release.write_all(b"x").unwrap();
        };
        std::thread::spawn(|| {
            nap(Duration::from_millis(250));
            // However late the machine: none is to be had until one was asked for. `watch` bounds it.
            while REFUSED.load(Ordering::Acquire) == 0 {
                nap(Duration::from_millis(10));
            }
            DENIED.store(0, Ordering::Release);
        });
        DENIED.store(1, Ordering::Release); // as early as can be: on a slow machine one more is made
        gopark::spawn(Task::new(sleeper), Location::caller());
        gaggle_sched::gosched(); // it sleeps now
        gaggle_sched::syscall(|| end.read_exact(&mut [0]).unwrap());
    };
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle_sched::run(Task::new(main), Location::caller()) };
    assert!(REFUSED.load(Ordering::Acquire) > 0, "nobody asked for a thread");
}
