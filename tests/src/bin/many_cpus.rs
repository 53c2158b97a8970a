//! A program that believes that its machine has as many CPUs as its argument says. It prints how many Ps it has, at first and
//! whenever that has changed, for a minute at most.

use gaggle::{runtime, time};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

static CPUS: AtomicI32 = AtomicI32::new(0);

/// In place of the C library's, which asks the kernel.
///
/// # Safety
///
/// `set` is a place for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sched_getaffinity(
    thread: libc::pid_t,
    size: libc::size_t,
    set: *mut libc::cpu_set_t,
) -> libc::c_int {
    let cpus = CPUS.load(Ordering::Relaxed); // Relaxed: a number, set before anybody asks
    if cpus == 0 {
        let call = libc::SYS_sched_getaffinity;
        // SAFETY: the caller's place. The call itself answers how much of it it has filled in.
        return unsafe { libc::syscall(call, thread, size, set) }.min(0) as libc::c_int;
    }
    // SAFETY: the caller's place.
    unsafe { set.cast::<u8>().write_bytes(0, size) };
    // SAFETY: as above; all zeros is an empty set.
    let set = unsafe { &mut *set };
    for cpu in 0..cpus as usize {
        // SAFETY: far below the size of a set.
        unsafe { libc::CPU_SET(cpu, set) };
    }
    0
}

fn main() {
    let cpus = std::env::args().nth(1).and_then(|text| text.parse().ok()).expect("a number");
    CPUS.store(cpus, Ordering::Relaxed); // Relaxed: see `CPUS`
    // SAFETY: nothing here touches a thread-local on both sides of a switch point.
    unsafe { gaggle::run(tell) };
}

fn tell() {
    let (begin, mut last) = (Instant::now(), 0);
    while begin.elapsed() < Duration::from_secs(60) {
        let procs = runtime::gomaxprocs(0);
        if procs != last {
            println!("{procs}");
            last = procs;
        }
        time::sleep(Duration::from_millis(20));
    }
}
