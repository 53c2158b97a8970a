//! Programs that ask how many, or that end while others run (SEMANTICS A4, A6, D2).

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::sync::WaitGroup;
use gaggle::{Builder, go, runtime, time};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) const PROGRAMS: &[Program] = &[
    ("limits_procs", Main(|| println!("{} {}", runtime::gomaxprocs(0), runtime::num_cpu()))),
    ("limits_one_cpu", Thread(one_cpu_from_the_start)),
    ("limits_follows", Main(follows)),
    ("limits_stays", Main(stays_until_the_default_is_set)),
    ("limits_main_returns", Main(main_returns)),
    ("limits_ids", Main(ids)),
    ("limits_count", Main(count)),
    ("limits_left_over", Thread(left_over)),
    ("limits_memory_asked", Main(memory_asked)),
    ("limits_memory_taken", Main(memory_taken)),
    ("limits_memory_used_up", Main(memory_used_up)),
    ("limits_max_stack", Main(max_stack)),
    ("limits_max_stack_of_calls", Main(max_stack_of_calls)),
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

/// How many there are, and how many a dump shows: alone, beside some that wait, and one that has its own thread.
fn count() {
    let say = || {
        let stacks =
            runtime::stack(true).lines().filter(|line| line.starts_with("goroutine ")).count();
        println!("{} {stacks}", runtime::num_goroutine());
    };
    say();
    let never = gaggle::chan::<()>(0);
    for number in 0..10 {
        let c = never.clone();
        go(move || {
            if number == 5 {
                runtime::lock_os_thread();
            }
            c.recv();
        });
    }
    say();
}

/// Address space for very few of the stacks asked for below.
fn limit_memory() {
    limit_address_space(8 << 30);
}

fn limit_address_space(most: u64) {
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

/// Takes as many stacks as there is address space for: none is left for the report.
#[inline(never)]
fn memory_used_up() {
    limit_address_space(1 << 30);
    let never = gaggle::chan::<()>(0);
    for _ in 0..1 << 14 {
        let c = never.clone();
        gaggle::go(move || _ = c.recv());
        runtime::gosched();
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

/// Goroutines that no `go` has started.
fn max_stack_of_calls() {
    runtime::set_max_stack(64 << 20);
    let c = gaggle::chan(0);
    let theirs = c.clone();
    let _timer = time::after_func(Duration::from_millis(1), move || theirs.send(depth(DEEP)));
    println!("{:?}", c.recv());
    gaggle::synctest::test(|| println!("{}", depth(DEEP)));
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

/// The CPUs that this thread may run on.
fn cpus() -> libc::cpu_set_t {
    let mut set = std::mem::MaybeUninit::<libc::cpu_set_t>::zeroed();
    // SAFETY: room for the set.
    let answer =
        unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), set.as_mut_ptr()) };
    assert_eq!(answer, 0);
    // SAFETY: zeroed, then filled in.
    unsafe { set.assume_init() }
}

/// The first of them alone.
fn one_cpu() -> libc::cpu_set_t {
    let all = cpus();
    // SAFETY: all zeros is an empty set.
    let mut one: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the number is within the set.
    let first = (0..1024).find(|&cpu| unsafe { libc::CPU_ISSET(cpu, &all) }).expect("a cpu");
    // SAFETY: as above.
    unsafe { libc::CPU_SET(first, &mut one) };
    one
}

fn allow(thread: libc::pid_t, set: &libc::cpu_set_t) {
    // SAFETY: a whole set. A thread that has ended needs none.
    unsafe { libc::sched_setaffinity(thread, size_of::<libc::cpu_set_t>(), set) };
}

fn allow_all_threads(set: &libc::cpu_set_t) {
    for entry in std::fs::read_dir("/proc/self/task").expect("proc").flatten() {
        if let Some(thread) = entry.file_name().to_str().and_then(|name| name.parse().ok()) {
            allow(thread, set);
        }
    }
}

/// TestCgroupGOMAXPROCSSchedAffinity.
fn one_cpu_from_the_start() {
    allow(0, &one_cpu());
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(|| println!("{} {}", runtime::gomaxprocs(0), runtime::num_cpu())) };
}

/// TestCgroupGOMAXPROCSUpdate, with the affinity mask for what changes; and back.
fn follows() {
    let (all, before) = (cpus(), runtime::gomaxprocs(0));
    allow_all_threads(&one_cpu());
    while runtime::gomaxprocs(0) != 1 {
        time::sleep(Duration::from_millis(20));
    }
    allow_all_threads(&all);
    while runtime::gomaxprocs(0) != before {
        time::sleep(Duration::from_millis(20));
    }
    println!("{}", before == runtime::num_cpu());
}

/// TestCgroupGOMAXPROCSDontUpdate: a number that somebody chose stays. TestCgroupGOMAXPROCSSetDefault: until
/// it is given up again.
fn stays_until_the_default_is_set() {
    allow_all_threads(&one_cpu());
    time::sleep(Duration::from_millis(2500));
    let chosen = runtime::gomaxprocs(0);
    runtime::set_default_gomaxprocs();
    println!("{chosen} {}", runtime::gomaxprocs(0));
}
