//! Programs that run out of stack, and faults that only look like it (SEMANTICS D8).

use crate::Start::{Main, Thread};
use crate::{Program, wait_for_nobody};
use gaggle::{go, runtime, spawn};
use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::ThreadId;

pub(crate) const PROGRAMS: &[Program] = &[
    ("overflow_deep", Main(|| in_goroutine(deep))),
    ("overflow_main", Main(deep)),
    ("overflow_value", Main(|| in_goroutine(large_value))),
    ("overflow_in_unwinding", Main(|| in_goroutine(in_unwinding))),
    ("overflow_frame", Main(|| in_goroutine(one_frame))),
    ("overflow_migrated", Main(migrated)),
    ("overflow_print", Main(|| in_goroutine(|| println!("{}", Endless(0))))),
    ("overflow_in_malloc", Main(|| in_goroutine(allocates))),
    ("overflow_spawned", Main(|| drop(spawn(deep).join()))),
    ("overflow_two", Main(two)),
    ("overflow_beside_panic", Main(beside_panic)),
    ("quit_beside_panic", Main(quit_beside_panic)),
    ("quit_in_overflow", Thread(quit_in_overflow)),
    ("overflow_beside_hogs", Main(beside_hogs)),
    ("overflow_thread_backed", Thread(thread_backed)),
    ("overflow_std_thread", Main(std_thread)),
    ("null_goroutine", Main(|| in_goroutine(fault))),
    ("null_std_thread", Main(|| drop(std::thread::spawn(fault).join()))),
];

fn in_goroutine(how: fn()) {
    go(how);
    wait_for_nobody();
}

#[inline(never)]
pub(crate) fn deep() {
    black_box(recurse(&[0; 64]));
}

#[inline(never)]
#[expect(unconditional_recursion, reason = "that is what the program is about")]
fn recurse(deeper: &[u8; 64]) -> usize {
    let mut here = *black_box(deeper);
    here[0] = here[0].wrapping_add(1);
    recurse(&here) + usize::from(here[1])
}

/// Sends a value that the stack has no room for.
#[inline(never)]
fn large_value() {
    let c = gaggle::chan::<[u8; 1 << 20]>(1);
    c.send(black_box([1; 1 << 20]));
}

/// A destructor recurses while a panic unwinds.
fn in_unwinding() {
    struct Deep;
    impl Drop for Deep {
        fn drop(&mut self) {
            deep();
        }
    }
    let _deep = Deep;
    panic!("the first word");
}

/// More than the whole stack in one step.
#[inline(never)]
fn one_frame() {
    let mut big = [0_u8; 800 << 10];
    black_box(&mut big);
}

#[inline(never)]
fn thread_id() -> ThreadId {
    std::thread::current().id()
}

/// Overflows on another thread than the one it began on.
fn migrated() {
    runtime::gomaxprocs(4);
    // Others keep the Ps busy, so that one who yields is taken by somebody else.
    for _ in 0..6 {
        go(|| {
            loop {
                runtime::gosched();
            }
        });
    }
    go(|| {
        let first = thread_id();
        while thread_id() == first {
            runtime::gosched();
        }
        println!("migrated");
        deep();
    });
    wait_for_nobody();
}

/// Its text contains itself.
struct Endless(u64);

impl fmt::Display for Endless {
    #[inline(never)]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", black_box(self.0), Endless(self.0 + 1))
    }
}

/// Allocates at every depth: most likely the last page is crossed inside the allocator.
fn allocates() {
    #[inline(never)]
    #[expect(unconditional_recursion, reason = "that is what the program is about")]
    fn deeper(kept: &mut Vec<Vec<u8>>) -> usize {
        kept.push(vec![1; kept.len() % 300]);
        let mut small = [0_u8; 8];
        black_box(&mut small);
        deeper(kept) + usize::from(small[0])
    }
    black_box(deeper(&mut Vec::new()));
}

/// Two goroutines overflow at once: one report.
fn two() {
    runtime::gomaxprocs(2);
    go(deep);
    go(deep);
    wait_for_nobody();
}

/// One panics while another one overflows.
fn beside_panic() {
    for _ in 0..20 {
        go(wait_for_nobody); // so that reports are long
    }
    let both = Arc::new(AtomicUsize::new(0));
    let meet = |both: &AtomicUsize| {
        both.fetch_add(1, Ordering::Relaxed);
        while both.load(Ordering::Relaxed) < 2 {
            std::hint::spin_loop();
        }
    };
    let other = Arc::clone(&both);
    go(move || {
        meet(&other);
        deep();
    });
    go(move || {
        meet(&both);
        panic!("beside");
    });
    wait_for_nobody();
}

/// Panics when it has said that it may be asked to quit.
fn quit_beside_panic() {
    for _ in 0..20 {
        go(wait_for_nobody);
    }
    println!("ready");
    panic!("beside");
}

/// Is asked to quit while it reports an overflow, which nobody reads until then.
fn quit_in_overflow() {
    let read = stderr_is_read_later();
    let strike = move || {
        wait_until_a_report_is_written();
        // SAFETY: its handler is async-signal-safe, and has run when this returns.
        unsafe { libc::raise(libc::SIGQUIT) };
        // SAFETY: one byte.
        unsafe { libc::write(read, [0_u8].as_ptr().cast(), 1) };
    };
    let body = move || {
        drop(std::thread::spawn(strike));
        deep();
    };
    // SAFETY: nothing here touches a thread-local.
    unsafe { gaggle::run(body) };
}

fn pipe() -> [i32; 2] {
    let mut ends = [0; 2];
    // SAFETY: a place for two.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    ends
}

/// Makes standard error a full pipe. What comes after that is passed on once something is written to the answer.
fn stderr_is_read_later() -> i32 {
    let ([from, to], [begins, begin]) = (pipe(), pipe());
    // SAFETY: there is one thread yet.
    if unsafe { libc::fork() } == 0 {
        // SAFETY: its own: it is not to read from itself.
        unsafe { libc::close(to) };
        pass_on(from, begins);
    }
    // SAFETY: integers.
    unsafe { libc::dup2(to, 2) };
    // SAFETY: as above.
    unsafe { libc::close(to) };
    // SAFETY: as above.
    unsafe { libc::fcntl(2, libc::F_SETFL, libc::O_NONBLOCK) };
    // SAFETY: a live slice.
    while unsafe { libc::write(2, [0_u8; 4096].as_ptr().cast(), 4096) } > 0 {}
    // SAFETY: as above.
    unsafe { libc::fcntl(2, libc::F_SETFL, 0) };
    begin
}

/// Waits for a byte, then passes on what is no zero, until nobody writes any more.
fn pass_on(from: i32, begins: i32) -> ! {
    let mut some = [0_u8; 4096];
    // SAFETY: room for one byte.
    unsafe { libc::read(begins, some.as_mut_ptr().cast(), 1) };
    loop {
        // SAFETY: there is so much room.
        let count = unsafe { libc::read(from, some.as_mut_ptr().cast(), some.len()) };
        let count = usize::try_from(count).unwrap_or(0);
        if count == 0 {
            // SAFETY: async-signal-safe, as all of this.
            unsafe { libc::_exit(0) }
        }
        for byte in some[..count].iter().filter(|byte| **byte != 0) {
            // SAFETY: one byte.
            unsafe { libc::write(2, core::ptr::from_ref(byte).cast(), 1) };
        }
    }
}

/// Until a thread of this process stands in a write to standard error; not for ever.
fn wait_until_a_report_is_written() {
    let writes = format!("{} 0x2 ", libc::SYS_write);
    let stands_there = || {
        let mut threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
        threads.any(|it| {
            let call = std::fs::read_to_string(it.path().join("syscall")).unwrap_or_default();
            call.starts_with(&writes)
        })
    };
    for _ in 0..2000 {
        if stands_there() {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// Without a scheduler `go` of a WaitGroup is an ordinary thread.
fn thread_backed() {
    let wg = gaggle::sync::WaitGroup::new();
    wg.go(deep);
    wg.wait();
}

fn std_thread() {
    go(wait_for_nobody);
    drop(std::thread::Builder::new().name("ordinary".into()).spawn(deep).unwrap().join());
}

#[inline(never)]
fn fault() {
    let nowhere = black_box(std::ptr::without_provenance::<u8>(16));
    // SAFETY: it is not; the fault is what the program is about.
    black_box(unsafe { nowhere.read_volatile() });
}

/// Slow enough to be preempted on the way down.
#[inline(never)]
#[expect(unconditional_recursion, reason = "that is what the program is about")]
fn recurse_slowly(deeper: &[u8; 64]) -> usize {
    let mut here = *black_box(deeper);
    (0..200_u8).for_each(|x| here[1] = here[1].wrapping_mul(black_box(x)));
    recurse_slowly(&here) + usize::from(here[1])
}

/// Others compute too, so who overflows may stand in line for a P at that moment.
fn beside_hogs() {
    for _ in 0..4 {
        go(|| {
            loop {
                black_box(())
            }
        });
    }
    for _ in 0..6 {
        go(|| _ = black_box(recurse_slowly(&[0; 64])));
    }
    wait_for_nobody();
}
