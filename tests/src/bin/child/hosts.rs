//! Programs that live beside others in their process: children, foreign handlers, destructors of
//! thread-locals, an end while goroutines compute, calls that a signal interrupts.

use crate::Program;
use crate::Start::{Main, Thread};
use gaggle::{chan, go, runtime, spawn, time};
use std::cell::Cell;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub(crate) const PROGRAMS: &[Program] = &[
    ("host_that_refuses_to_wait_precisely", Thread(refuses_to_wait_precisely)),
    ("host_children", Main(children)),
    ("host_forked", Main(forked)),
    ("host_sigurg_chained", Thread(sigurg_chained)),
    ("host_sigsegv_chained", Thread(sigsegv_chained)),
    ("host_destructors", Main(destructors)),
    ("host_returns_while_others_compute", Main(start_hogs)),
    ("host_exits_while_others_compute", Main(exits_while_others_compute)),
    ("host_interrupted_calls", Main(interrupted_calls)),
    ("host_inside_a_thread", Thread(inside_a_thread)),
    ("host_replaced_handler", Main(replaced_handler)),
];

pub(crate) fn start_hogs() {
    for _ in 0..4 {
        go(hog);
    }
    time::sleep(Duration::from_millis(20));
}

#[inline(never)]
fn hog() {
    let mut x = 1_u64;
    loop {
        x = std::hint::black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}

/// Other programs are run from goroutines that are preempted all the time.
fn children() {
    start_hogs();
    let echo = |word: u32| {
        move || {
            let output = Command::new("/bin/echo").arg(word.to_string()).output().expect("echo");
            assert!(output.status.success());
            String::from_utf8(output.stdout).expect("a number").trim().parse::<u32>().expect("one")
        }
    };
    let all: Vec<_> = (0..40).map(|word| spawn(echo(word))).collect();
    println!("{}", all.into_iter().map(|one| one.join().expect("it ran")).sum::<u32>());
}

/// A bare fork: the child has this one thread and may do what is async-signal-safe.
fn forked() {
    start_hogs();
    let mut codes = 0;
    for code in 1..=20 {
        // SAFETY: the child only ends itself.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: async-signal-safe.
            unsafe { libc::_exit(code) };
        }
        assert!(child > 0, "fork: {}", std::io::Error::last_os_error());
        let mut status = 0;
        // SAFETY: a child of ours.
        while unsafe { libc::waitpid(child, &raw mut status, 0) } != child {}
        codes += libc::WEXITSTATUS(status);
    }
    println!("{codes}");
}

static SIGNALS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count(_: libc::c_int) {
    SIGNALS.fetch_add(1, Ordering::Relaxed); // Relaxed: a count
}

fn handle(signal: libc::c_int, handler: extern "C" fn(libc::c_int)) {
    // SAFETY: the handlers here are async-signal-safe.
    unsafe { libc::signal(signal, handler as libc::sighandler_t) };
}

/// The program's own handler of the runtime's signal is called for signals that others sent.
fn sigurg_chained() {
    handle(libc::SIGURG, count);
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(send_to_the_process) };
}

fn send_to_the_process() {
    let signals = || SIGNALS.load(Ordering::Relaxed); // Relaxed: a count
    start_hogs();
    time::sleep(Duration::from_millis(50)); // the runtime's own signals: not counted
    let before = signals();
    for _ in 0..10 {
        let sent = signals();
        // SAFETY: this process has a handler for it.
        unsafe { libc::raise(libc::SIGURG) };
        while signals() == sent {
            time::sleep(Duration::from_millis(1));
        }
        let sent = signals();
        let this = i32::try_from(std::process::id()).expect("a process id");
        // SAFETY: as above.
        unsafe { libc::kill(this, libc::SIGURG) };
        while signals() == sent {
            time::sleep(Duration::from_millis(1));
        }
    }
    println!("{before} {}", signals());
}

extern "C" fn leave(_: libc::c_int) {
    // SAFETY: async-signal-safe.
    unsafe { libc::_exit(3) };
}

/// A fault that is no overflow goes to the handler that was there before.
fn sigsegv_chained() {
    handle(libc::SIGSEGV, leave);
    let fault = || {
        let wild = std::hint::black_box(core::ptr::without_provenance::<u8>(16));
        // SAFETY: there is none: it faults, as is wanted.
        println!("{}", unsafe { wild.read_volatile() });
    };
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(fault) };
}

/// A program that takes the signal for itself loses preemption in the middle, and nothing else.
fn replaced_handler() {
    handle(libc::SIGURG, count);
    let c = chan::<u32>(0);
    let theirs = c.clone();
    go(move || (0..1000).for_each(|value| theirs.send(value)));
    println!("{}", (0..1000).filter_map(|_| c.recv()).sum::<u32>());
}

struct Sends(gaggle::Chan<u32>);

impl Drop for Sends {
    fn drop(&mut self) {
        let theirs = self.0.clone();
        go(move || theirs.send(1));
        self.0.send(2);
    }
}

thread_local! {
    static AT_EXIT: Cell<Option<Sends>> = const { Cell::new(None) };
}

/// Destructors of thread-locals start goroutines and send, on a plain thread and on one that a
/// goroutine took along when it ended.
fn destructors() {
    let c = chan::<u32>(0);
    let theirs = c.clone();
    let thread = std::thread::spawn(move || AT_EXIT.set(Some(Sends(theirs))));
    let mut sum: u32 = (0..2).filter_map(|_| c.recv()).sum();
    thread.join().expect("it ended");
    let theirs = c.clone();
    go(move || {
        runtime::lock_os_thread();
        AT_EXIT.set(Some(Sends(theirs)));
    });
    sum += (0..2).filter_map(|_| c.recv()).sum::<u32>();
    println!("{sum}");
}

fn exits_while_others_compute() {
    start_hogs();
    std::process::exit(7);
}

/// Calls that the kernel never starts again after a signal, from goroutines that compute a little in between, by the
/// clock, as a debug build on a slow machine computes for as long as who never calls. They are preempted all the time.
fn interrupted_calls() {
    const CALLS: u64 = 20_000;
    const WORKERS: u64 = 8;
    static INTERRUPTED: AtomicU64 = AtomicU64::new(0);
    let work = || {
        for _ in 0..CALLS / WORKERS {
            let begin = Instant::now();
            while begin.elapsed() < Duration::from_micros(50) {
                std::hint::spin_loop();
            }
            let pause = libc::timespec { tv_sec: 0, tv_nsec: 20_000 };
            // SAFETY: no descriptors, a time, no mask.
            let ready =
                unsafe { libc::ppoll(std::ptr::null_mut(), 0, &raw const pause, std::ptr::null()) };
            if ready < 0 {
                INTERRUPTED.fetch_add(1, Ordering::Relaxed); // Relaxed: a count
            }
        }
    };
    for _ in 0..2 {
        go(hog);
    }
    (0..WORKERS).map(|_| spawn(work)).collect::<Vec<_>>().into_iter().for_each(|worker| {
        worker.join().expect("it ran");
    });
    println!("{} of {CALLS}", INTERRUPTED.load(Ordering::Relaxed)); // Relaxed: joined
}

/// Runs from several threads, none of them the process's first.
fn inside_a_thread() {
    let run = |add: u32| {
        std::thread::spawn(move || {
            // SAFETY: nothing here touches a thread-local.
            unsafe { gaggle::run(move || spawn(move || add).join().expect("it ran")) }
        })
    };
    let all: Vec<_> = (1..=8).map(run).collect();
    println!("{}", all.into_iter().map(|one| one.join().expect("it ran")).sum::<u32>());
}

/// Refuses a call that is newer than it, as container runtimes did that knew no better, by a word that does not say so.
fn refuse(call: libc::c_long) {
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = [
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0), // the number of the call
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    // SAFETY: numbers only.
    let answer = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(answer, 0);
    // SAFETY: the program lives across the call.
    let answer = unsafe {
        libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program, 0, 0)
    };
    assert_eq!(answer, 0);
}

/// The processor time of this process, in milliseconds.
fn used() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a place for the time.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    time.tv_sec * 1000 + time.tv_nsec / 1_000_000
}

/// Waits for a descriptor and for the clock at once.
fn refuses_to_wait_precisely() {
    refuse(libc::SYS_epoll_pwait2);
    // SAFETY: as in `main.rs`.
    unsafe { gaggle::run(waits_for_both) };
}

fn waits_for_both() {
    let (mut from, mut to) = gaggle::net::pipe().expect("there are descriptors");
    let reads = spawn(move || from.read(&mut [0; 8]).expect("it is open"));
    let before = used();
    time::sleep(Duration::from_millis(500));
    println!("rests: {}", used() - before < 250);
    to.write_all(b"come").expect("it is open");
    println!("{}", reads.join().expect("it does not panic"));
}
