//! Programs that ask how many, or that end while others run (SEMANTICS A4, A6, D2).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::sync::WaitGroup;
use gaggle::{Builder, go, runtime, time};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("limits_procs", Main(|| println!("{} {}", runtime::gomaxprocs(0), runtime::num_cpu()))),
    ("limits_main_returns", Main(main_returns)),
    ("limits_ids", Main(ids)),
    ("limits_count", Main(|| println!("{}", runtime::num_goroutine()))),
    ("limits_left_over", Thread(left_over)),
    ("limits_memory_asked", Main(memory_asked)),
    ("limits_memory_taken", Main(memory_taken)),
    ("limits_max_stack", Main(max_stack)),
    ("limits_max_stack_exceeded", Main(max_stack_exceeded)),
];

/// Nobody waits for the others, and their destructors do not run.
fn main_returns() {
    struct Says;
    impl Drop for Says {
        fn drop(&mut self) {
            println!("a destructor ran");
        }
    }
    for _ in 0..100 {
        go(|| {
            let _says = Says;
            time::sleep(Duration::from_secs(3600));
        });
    }
    go(|| {
        loop {
            runtime::gosched();
        }
    });
    runtime::gosched();
    println!("main returns");
}

/// Numbers begin with main's 1, are never used again, and come to each P in batches.
fn ids() {
    runtime::gomaxprocs(1);
    println!("{}", runtime::goid());
    for _ in 0..40 {
        let wg = WaitGroup::new();
        wg.go(|| println!("{}", runtime::goid()));
        wg.wait();
    }
}

/// Address space for very few of the stacks asked for below.
fn limit_memory() {
    let most = 8 << 30;
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: a limit for this process alone.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
}

fn large() -> Builder {
    Builder::new().stack_size(1_000_000_000)
}

/// Who asks for memory is told that there is none, and goes on.
fn memory_asked() {
    limit_memory();
    let never = gaggle::chan::<()>(0);
    for count in 0.. {
        let c = never.clone();
        let dropped = Dropped(&DROPS);
        let started = large().try_go(move || {
            c.recv();
            drop(dropped);
        });
        if let Err(error) = started {
            let drops = DROPS.load(Ordering::Relaxed); // Relaxed: this goroutine dropped it
            println!("{} {drops} {}", count < 9, error.kind() == std::io::ErrorKind::OutOfMemory);
            return;
        }
    }
}

static DROPS: AtomicU32 = AtomicU32::new(0);

struct Dropped(&'static AtomicU32);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed); // Relaxed: a count
    }
}

/// Who does not ask dies of it.
fn memory_taken() {
    limit_memory();
    let never = gaggle::chan::<()>(0);
    for _ in 0..9 {
        let c = never.clone();
        large().go(move || _ = c.recv());
    }
    never.recv();
}

fn depth(n: u32) -> u32 {
    if n == 0 { 0 } else { std::hint::black_box(depth(n - 1)) + 1 }
}

/// A depth that takes about 16 MiB in a debug build, and a few in a release build.
const DEEP: u32 = 100_000;

fn max_stack() {
    let old = runtime::set_max_stack(64 << 20);
    println!("{old} {}", runtime::set_max_stack(60 << 20));
    println!("{}", gaggle::spawn(|| depth(DEEP)).join().expect("it fits"));
    println!("{}", runtime::set_max_stack(old));
}

fn max_stack_exceeded() {
    runtime::set_max_stack(100 << 10);
    gaggle::spawn(|| depth(DEEP)).join().expect("it does not come to this");
}

/// A goroutine of the first run goes on during the second.
fn left_over() {
    let c = gaggle::chan(0);
    let theirs = c.clone();
    let send = move || {
        go(move || {
            time::sleep(Duration::from_millis(5));
            for at in 0..100 {
                theirs.send(at);
            }
        });
    };
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(send) };
    // SAFETY: as above.
    let sum = unsafe { gaggle::run(move || (0..100).filter_map(|_| c.recv()).sum::<u32>()) };
    println!("{sum}");
}
