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
