//! Programs that run out of threads, or begin on a thread that holds signals back (SEMANTICS D7, D8,
//! PREEMPTION).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, runtime};
use std::time::{Duration, Instant};

pub(crate) const PROGRAMS: &[Program] = &[
    ("threads_exhausted", Main(exhausted)),
    ("threads_limit_lowered", Main(limit_lowered)),
    ("threads_hogs_below_a_limit", Main(hogs_below_a_limit)),
    ("threads_signals_held_back", Thread(signals_held_back)),
];

/// TestThreadExhaustion.
fn exhausted() {
    runtime::set_max_threads(10);
    let c = chan::<()>(0);
    for _ in 0..100 {
        let theirs = c.clone();
        go(move || {
            runtime::lock_os_thread();
            theirs.send(());
            gaggle::select! {}
        });
        c.recv();
    }
}

/// To set a limit below what there is ends the process at once.
fn limit_lowered() {
    let c = chan::<()>(0);
    for _ in 0..4 {
        let theirs = c.clone();
        go(move || {
            runtime::lock_os_thread();
            theirs.send(());
            gaggle::select! {}
        });
        c.recv();
    }
    println!("{}", runtime::set_max_threads(3));
}

fn compute(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Goroutines that only compute need no threads of their own, so no limit is exceeded by them.
fn hogs_below_a_limit() {
    runtime::set_max_threads(10);
    let wg = WaitGroup::new();
    for _ in 0..60 {
        wg.go(|| {
            compute(Duration::from_millis(15));
            gaggle::time::sleep(Duration::from_micros(300));
            compute(Duration::from_millis(5));
        });
    }
    wg.wait();
    println!("done");
}

#[inline(never)]
fn recurse(n: u64) -> u64 {
    let frame = std::hint::black_box([n; 16]);
    if n == 0 { 0 } else { recurse(frame[3] + 1) + frame[5] }
}

/// The thread that boots the scheduler has blocked all signals, as one does who waits for them.
fn signals_held_back() {
    let mut all = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: a place for the set.
    unsafe { libc::sigfillset(all.as_mut_ptr()) };
    // SAFETY: filled in above; the mask of this thread alone.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), std::ptr::null_mut()) };
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(|| println!("{}", recurse(1))) };
}
