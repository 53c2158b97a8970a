//! Programs that run out of threads, let idle ones end, or begin on a thread that holds signals back (SEMANTICS D7, D8,
//! PREEMPTION).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::sync::WaitGroup;
use gaggle::{chan, go, runtime};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub(crate) const PROGRAMS: &[Program] = &[
    ("threads_exhausted", Main(exhausted)),
    ("threads_limit_lowered", Main(limit_lowered)),
    ("threads_hogs_below_a_limit", Main(hogs_below_a_limit)),
    ("threads_hogs_wait_for_the_last", Main(hogs_wait_for_the_last)),
    ("threads_hog_beside_blocked_ones", Main(hog_beside_blocked_ones)),
    ("threads_reused", Main(reused)),
    ("threads_reaped", Main(reaped)),
    ("threads_reaped_then_deadlock", Main(reaped_then_deadlock)),
    ("threads_reaped_under_load", Main(reaped_under_load)),
    ("threads_end_slowly", Main(ends_slowly)),
    ("threads_overtaken_sleepers", Main(overtaken_sleepers)),
    ("threads_own_directory", Main(own_directory)),
    ("threads_limits", Main(limits)),
    ("threads_signals_held_back", Thread(signals_held_back)),
];

/// Each goroutine of a row sleeps for less long than the one before, so that the thread that sleeps for the timers is another
/// one now and then; and each time all that sleep for nothing are roused.
fn overtaken_sleepers() {
    const ROW: u64 = 60;
    let (next, done) = (chan::<u64>(0), chan::<()>(0));
    for _ in 0..ROW {
        let next = next.clone();
        go(move || {
            if let Some(seconds) = next.recv() {
                gaggle::time::sleep(Duration::from_secs(seconds));
            }
        });
    }
    let ends = done.clone();
    std::thread::spawn(move || {
        for turn in 0..ROW {
            next.send(100_000 - turn);
            #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
            std::thread::sleep(Duration::from_millis(2)); // all threads sleep by then
            runtime::set_idle_thread_timeout(Some(Duration::from_secs(1000 + turn)));
        }
        ends.close();
    });
    done.recv();
    println!("done");
}

/// In which directories the threads of this process are.
fn directories() -> Vec<std::path::PathBuf> {
    let threads = std::fs::read_dir("/proc/self/task").expect("proc").flatten();
    threads.filter_map(|thread| std::fs::read_link(thread.path().join("cwd")).ok()).collect()
}

/// LockOSThreadAvoidsStatePropagation: a goroutine that is locked gives its thread a directory of its own, and ends.
fn own_directory() {
    const OTHER: &str = "/proc";
    std::env::set_current_dir("/").expect("it is there");
    let elsewhere = || directories().iter().filter(|it| **it != *"/").count();
    let (c, wg) = (chan::<()>(0), WaitGroup::new());
    let theirs = c.clone();
    wg.go(move || {
        runtime::lock_os_thread();
        // SAFETY: this thread no longer shares its directory with others, and nothing else.
        if unsafe { libc::unshare(libc::CLONE_FS) } != 0 {
            println!("not here: {}", std::io::Error::last_os_error());
            std::process::exit(0);
        }
        std::env::set_current_dir(OTHER).expect("it is there");
        // New threads while it lives, started by it.
        block_at_once(20);
        theirs.send(());
        theirs.recv();
    });
    c.recv();
    println!("{}", elsewhere());
    c.send(());
    wg.wait();
    // The thread ends a little later than its goroutine.
    while elsewhere() > 0 {
        gaggle::time::sleep(Duration::from_millis(1));
    }
    block_at_once(40);
    println!("{} {}", elsewhere(), directories().len() > 40);
}

/// What the limit is at first, and the largest.
fn limits() {
    println!("{}", runtime::set_max_threads(usize::MAX));
    println!("{}", runtime::set_max_threads(i32::MAX as usize + 1));
    println!("{}", runtime::set_max_threads(2000));
    println!("{}", runtime::set_max_threads(10_000));
}

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

/// More goroutines than there may be threads spin until the one that was started last has run.
fn hogs_wait_for_the_last() {
    runtime::set_max_threads(10);
    let (wg, flag) = (WaitGroup::new(), Arc::new(AtomicUsize::new(0)));
    for number in 0..16 {
        let flag = Arc::clone(&flag);
        wg.go(move || {
            if number == 14 {
                return flag.store(1, Ordering::Release); // 15 is runnext: this one comes last
            }
            while flag.load(Ordering::Acquire) == 0 {
                std::hint::spin_loop();
            }
        });
    }
    wg.wait();
    println!("done");
}

/// All threads but two or so block. Those left are enough to take turns.
fn hog_beside_blocked_ones() {
    runtime::set_max_threads(16);
    let (wg, stop) = (WaitGroup::new(), Arc::new(AtomicUsize::new(0)));
    let gates: Vec<_> = (0..9).map(|_| std::io::pipe().expect("a pipe")).collect();
    let mut releases = Vec::new();
    for (mut gate, release) in gates {
        releases.push(release);
        wg.go(move || {
            runtime::syscall(|| _ = std::io::Read::read(&mut gate, &mut [0]).expect("its end"));
        });
    }
    for _ in 0..4 {
        let stop = Arc::clone(&stop);
        wg.go(move || {
            while stop.load(Ordering::Relaxed) == 0 {
                std::hint::spin_loop();
            }
        });
    }
    for _ in 0..10 {
        gaggle::time::sleep(Duration::from_millis(1));
        runtime::gosched();
    }
    stop.store(1, Ordering::Relaxed);
    drop(releases);
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

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Blocks `count` threads at once, until all of them are.
fn block_at_once(count: usize) {
    let (all, wg) = (Arc::new(std::sync::Barrier::new(count)), WaitGroup::new());
    for _ in 0..count {
        let all = Arc::clone(&all);
        wg.go(move || {
            runtime::syscall(|| all.wait());
        });
    }
    wg.wait();
}

/// Waits until few threads are left: main, the spawner, the monitor, an M that runs this, and the idle ones
/// that are kept. One more may have been called to work just now.
fn wait_for_few() {
    while threads() > runtime::gomaxprocs(0) + 6 {
        gaggle::time::sleep(Duration::from_millis(1));
    }
}

/// Calls that block one after the other need one thread more than those that compute.
fn reused() {
    for round in 0..200 {
        let call = gaggle::spawn(move || {
            let block = || {
                #[expect(clippy::disallowed_methods, reason = "blocking the M is what is tested")]
                std::thread::sleep(Duration::from_micros(100));
            };
            if round % 2 == 0 { block() } else { runtime::syscall(block) }
        });
        call.join().expect("a sleep");
    }
    println!("{}", threads() <= runtime::gomaxprocs(0) + 6);
}

/// Idle threads end if that is wanted, and new ones come when they are needed.
fn reaped() {
    let limit = Some(Duration::from_millis(5));
    block_at_once(60);
    assert!(threads() >= 60, "without a limit they are kept");
    assert_eq!(runtime::set_idle_thread_timeout(limit), None); // they sleep already
    wait_for_few();
    for _ in 0..5 {
        block_at_once(60); // now they sleep with the limit
        wait_for_few();
    }
    assert_eq!(runtime::set_idle_thread_timeout(None), limit);
    block_at_once(60);
    assert!(threads() >= 60);
    println!("done");
}

/// The environment asks for it. The deadlock is found although threads have ended.
fn reaped_then_deadlock() {
    block_at_once(30);
    wait_for_few();
    println!("few");
    crate::wait_for_nobody();
}

/// Threads end and begin all the time, beside goroutines that talk.
fn reaped_under_load() {
    runtime::set_idle_thread_timeout(Some(Duration::from_millis(1)));
    let (there, back) = (chan::<u32>(0), chan::<u32>(0));
    let (there2, back2) = (there.clone(), back.clone());
    go(move || there2.into_iter().for_each(|n| back2.send(n)));
    for round in 0..60 {
        block_at_once(2 + round % 7 * 3);
        for n in 0..20 {
            there.send(n);
            assert_eq!(back.recv(), Some(n));
        }
        if round % 5 == 0 {
            let again = Some(Duration::from_millis(1 + u64::from(round % 2 == 0)));
            runtime::set_idle_thread_timeout(again); // rouses all
        }
        gaggle::time::sleep(Duration::from_micros(700 * (round as u64 % 5)));
    }
    println!("done");
}

thread_local! {
    static LAST: Slow = const { Slow };
}

/// Computes while its thread ends.
struct Slow;

impl Drop for Slow {
    fn drop(&mut self) {
        compute(Duration::from_millis(4));
    }
}

/// A thread that ends computes in the destructor of a thread-local: nobody lends it a P, which would be gone
/// with it.
fn ends_slowly() {
    for _ in 0..20 {
        let wg = WaitGroup::new();
        wg.go(|| {
            runtime::lock_os_thread();
            LAST.with(|_| ());
        });
        wg.wait();
        let until = Instant::now() + Duration::from_millis(3);
        while Instant::now() < until {
            runtime::gosched(); // the monitor stays awake, and a P is idle
        }
    }
    // Each P is there still: so many goroutines are needed to pass.
    let (arrived, wg) = (Arc::new(AtomicUsize::new(0)), WaitGroup::new());
    let procs = runtime::gomaxprocs(0);
    for _ in 0..procs {
        let arrived = Arc::clone(&arrived);
        wg.go(move || {
            arrived.fetch_add(1, Ordering::Relaxed);
            while arrived.load(Ordering::Relaxed) < procs {
                std::hint::spin_loop();
            }
        });
    }
    wg.wait();
    println!("done");
}
