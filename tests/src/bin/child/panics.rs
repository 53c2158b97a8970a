//! Programs that panic (SEMANTICS B1, B9, B10, B15, A5).

use crate::Start::Main;
use crate::{Program, not_last, wait_for_nobody};
use gaggle::sync::WaitGroup;
use gaggle::{go, runtime, spawn};
use gaggle_gopark::{self as gopark, Commit, Committed, WaitReason};
use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const PROGRAMS: &[Program] = &[
    ("panic_str", Main(|| in_goroutine(|| panic!("a plain text")))),
    ("panic_string", Main(|| in_goroutine(|| panic_any(String::from("an owned text"))))),
    ("panic_formatted", Main(|| in_goroutine(|| panic!("{} and {:?}", 6 * 7, "quoted")))),
    ("panic_lines", Main(|| in_goroutine(|| panic!("first\nsecond\nthird")))),
    ("panic_value", Main(|| in_goroutine(|| panic_any(Opaque)))),
    ("panic_assert", Main(|| in_goroutine(|| assert_eq!(6 * 7, 54, "not {}", "base 13")))),
    ("panic_main", Main(|| blow_up(|| panic!("main itself")))),
    ("panic_two", Main(two_at_once)),
    (
        "panic_in_std_s_words",
        Main(|| in_goroutine(|| panic!("panic in a destructor during cleanup"))),
    ),
    ("panic_race", Main(|| main_returns_meanwhile(|f| go(f)))),
    ("panic_race_of_one_not_joined", Main(|| main_returns_meanwhile(|f| drop(spawn(f))))),
    ("panic_joined", Main(joined)),
    ("panic_handle_dropped_before", Main(handle_dropped_before)),
    ("panic_handle_dropped_after", Main(handle_dropped_after)),
    ("panic_in_drop", Main(|| in_goroutine(panic_while_unwinding))),
    ("panic_caught", Main(caught)),
    ("panic_caught_then_another", Main(caught_then_another)),
    ("panic_caught_then_resumed", Main(|| in_goroutine(caught_then_resumed))),
    ("panic_caught_in_a_destructor", Main(|| in_goroutine(caught_in_a_destructor))),
    ("panic_caught_all_the_time", Main(caught_all_the_time)),
    ("panic_that_cannot_unwind", Main(|| in_goroutine(cannot_unwind))),
    ("panic_that_aborts_while_main_returns", Main(main_returns_while_one_aborts)),
    ("panic_then_fatal_after_a_caught_one", Main(|| in_goroutine(outer_inner_fatal))),
    ("panic_then_final_after_a_caught_one", Main(|| in_goroutine(outer_inner_final))),
    ("panic_after_a_caught_one_then_fatal", Main(|| in_goroutine(old_then_fatal))),
    ("panic_while_another_thread_exits", Main(another_thread_exits)),
    ("panic_whose_text_exits", Main(|| in_goroutine(|| panic_any(error_that_exits())))),
    ("panic_reported_by_the_hook", Main(reported_by_the_hook)),
    ("panic_raised_again_with_more_words", Main(|| in_goroutine(raised_with_more_words))),
    ("panic_caught_many_in_a_destructor", Main(|| in_goroutine(caught_many_in_a_destructor))),
    ("panic_number", Main(|| in_goroutine(|| panic_any(1e21_f64)))),
    ("panic_in_wait_group", Main(in_wait_group)),
    ("panic_scoped", Main(scoped)),
    ("panic_while_others_block", Main(others_block)),
    ("panic_beside_stopped_ones", Main(beside_stopped_ones)),
    ("panic_beside_a_fatal_error", Main(beside_a_fatal_error)),
    ("panic_on_system_stack", Main(on_system_stack)),
];

struct Opaque;

/// The only goroutine waits, so its M is on its own stack when it does the commit.
fn on_system_stack() {
    unsafe fn fails(_: *const ()) -> Committed {
        panic!("a fault of the runtime")
    }
    // SAFETY: it looks at nothing.
    let commit = unsafe { Commit::new(fails, std::ptr::null()) };
    gopark::enter().park(WaitReason::SelectNoCases, commit);
}

/// The user's function that a trace has to name.
#[inline(never)]
fn blow_up(how: fn()) {
    how();
    not_last();
}

/// Panics in a goroutine while main waits.
#[inline(never)]
pub(crate) fn in_goroutine(how: fn()) {
    go(move || blow_up(how));
    wait_for_nobody();
}

/// Two goroutines that have met panic at the same time.
fn two_at_once() {
    runtime::gomaxprocs(2);
    for text in ["from the left", "from the right"] {
        go(move || meet_and_panic(text));
    }
    wait_for_nobody();
}

static READY: AtomicU32 = AtomicU32::new(0);

#[inline(never)]
fn meet_and_panic(text: &str) {
    READY.fetch_add(1, Ordering::AcqRel);
    while READY.load(Ordering::Acquire) < 2 {
        runtime::gosched();
    }
    panic!("{text}");
}

/// TestPanicRace: main ends as soon as the destructors of a panic let it.
fn main_returns_meanwhile(start: fn(Box<dyn FnOnce() + Send>)) {
    struct Last(WaitGroup);
    impl Drop for Last {
        fn drop(&mut self) {
            self.0.done();
            runtime::gosched();
        }
    }
    let wg = WaitGroup::new();
    wg.add(1);
    let last = Last(wg.clone());
    start(Box::new(move || {
        let _last = last;
        panic!("crash");
    }));
    wg.wait();
}

fn joined() {
    let end = spawn(|| blow_up(|| panic!("for who joins"))).join();
    println!("{}", end.unwrap_err().message());
}

fn handle_dropped_before() {
    let handle = spawn(|| {
        while HOLD.load(Ordering::Acquire) == 0 {
            runtime::gosched();
        }
        blow_up(|| panic!("nobody joins"));
    });
    drop(handle);
    HOLD.store(1, Ordering::Release);
    wait_for_nobody();
}

static HOLD: AtomicU32 = AtomicU32::new(0);

fn handle_dropped_after() {
    let handle = spawn(|| blow_up(|| panic!("nobody joined")));
    while !handle.is_finished() {
        runtime::gosched();
    }
    drop(handle);
    println!("went on");
}

fn panic_while_unwinding() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the second");
        }
    }
    let _bomb = Bomb;
    panic!("the first");
}

fn caught() {
    let end = catch_unwind(|| blow_up(|| panic!("for myself")));
    assert!(end.is_err());
    println!("went on");
}

fn caught_then_another() {
    in_goroutine(|| {
        assert!(catch_unwind(|| panic!("the caught one")).is_err());
        panic!("the fatal one");
    });
}

fn caught_then_resumed() {
    let payload = catch_unwind(|| blow_up(|| panic!("again"))).unwrap_err();
    resume_unwind(payload);
}

/// Runs `f` when it is dropped.
struct AtEnd<F: FnMut()>(F);

impl<F: FnMut()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn caught_in_a_destructor() {
    let _end = AtEnd(|| {
        assert!(catch_unwind(|| panic!("the inner one")).is_err());
        let error = || Box::<dyn std::error::Error + Send + Sync>::from("an inner error");
        assert!(catch_unwind(|| panic_any(error())).is_err());
    });
    raise_the_outer_one();
}

fn caught_many_in_a_destructor() {
    let _end = AtEnd(|| {
        for round in 0..20 {
            assert!(catch_unwind(|| panic!("inner {round}")).is_err());
        }
    });
    raise_the_outer_one();
}

fn raised_with_more_words() {
    let payload = catch_unwind(raise_the_outer_one).unwrap_err();
    let words = payload.downcast_ref::<&str>().copied().unwrap_or_default();
    resume_unwind(Box::new(format!("in a job: {words}")));
}

#[inline(never)]
fn raise_the_outer_one() {
    panic!("the outer one");
}

fn raise_and_catch(text: &'static str) {
    assert!(catch_unwind(|| panic!("{text}")).is_err());
}

/// A fatal error.
pub(crate) fn unlock_of_unlocked() {
    gaggle::sync::BareMutex::new().unlock();
}

fn outer_inner_fatal() {
    let _end = AtEnd(|| {
        raise_and_catch("inner");
        unlock_of_unlocked();
    });
    panic!("outer");
}

fn outer_inner_final() {
    let _end = AtEnd(|| {
        raise_and_catch("inner");
        panic!("final");
    });
    panic!("outer");
}

fn old_then_fatal() {
    raise_and_catch("old");
    let _end = AtEnd(unlock_of_unlocked);
    gaggle::time::sleep(std::time::Duration::from_millis(1)); // a wait that always leaves the stack
    panic!("outer");
}

fn caught_all_the_time() {
    let wg = WaitGroup::new();
    wg.go(|| {
        for round in 0..5000 {
            assert!(catch_unwind(|| panic!("round {round}")).is_err());
        }
    });
    wg.wait();
    println!("went on");
}

/// A check of debug builds ends the process: its panic does not unwind.
fn cannot_unwind() {
    if cfg!(debug_assertions) {
        let nowhere = std::hint::black_box(std::ptr::null_mut::<u32>());
        // SAFETY: none: the check finds that out before anything is written.
        unsafe { *nowhere = 1 };
    }
}

/// What a panic in a destructor says is said before main's return ends the process (SEMANTICS A5).
fn main_returns_while_one_aborts() {
    let wg = WaitGroup::new();
    wg.add(1);
    let first = wg.clone();
    go(move || {
        let _end = AtEnd(move || {
            first.done();
            runtime::goexit();
        });
        panic!("of two ends");
    });
    wg.wait();
}

/// Go's TestIssue76126: the wait never returns (SEMANTICS M5).
fn in_wait_group() {
    let wg = WaitGroup::new();
    wg.go(|| blow_up(|| panic!("task")));
    wg.wait();
    println!("the wait returned");
}

fn scoped() {
    gaggle::scope(|s| s.go(|| blow_up(|| panic!("in a scope"))));
    println!("the scope returned");
}

/// The crash shows the goroutine that panicked and no other.
fn others_block() {
    for _ in 0..3 {
        go(wait_for_nobody);
    }
    runtime::gosched();
    in_goroutine(|| panic!("alone"));
}

/// Goroutines that were stopped in the middle, go on while the report is written, and enter the runtime.
fn beside_stopped_ones() {
    let c = gaggle::chan::<u32>(1);
    for at in 0..8 {
        let c = c.clone();
        go(move || {
            loop {
                (0..20_000).for_each(|x| _ = std::hint::black_box(x));
                let _full = c.try_send(at);
                let _empty = c.try_recv();
                runtime::gosched();
            }
        });
    }
    for _ in 0..8 {
        go(|| {
            loop {
                std::hint::black_box(())
            }
        });
    }
    gaggle::time::sleep(std::time::Duration::from_millis(30));
    in_goroutine(|| panic!("beside the stopped"));
}

/// One panics and one dies of a fatal error at the same time.
fn beside_a_fatal_error() {
    runtime::gomaxprocs(2);
    go(|| meet_and_panic("from the left"));
    go(meet_and_unlock);
    wait_for_nobody();
}

/// Has a name of its own in optimised builds, where a closure has none.
#[inline(never)]
fn meet_and_unlock() {
    READY.fetch_add(1, Ordering::AcqRel);
    while READY.load(Ordering::Acquire) < 2 {
        runtime::gosched();
    }
    let mutex = gaggle::sync::BareMutex::new();
    mutex.unlock();
    std::hint::black_box(&mutex); // so that the call is not the last thing done here
}

/// A thread exits with 0 as soon as it hears the first word of the report.
fn another_thread_exits() {
    let mut ends = [0; 2];
    // SAFETY: room for two.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    // SAFETY: both are open.
    assert_eq!(unsafe { libc::dup2(ends[1], 2) }, 2);
    std::thread::spawn(move || {
        let mut word = [0_u8; 1];
        // SAFETY: room for one byte.
        unsafe { libc::read(ends[0], word.as_mut_ptr().cast(), 1) };
        std::process::exit(0);
    });
    in_goroutine(|| panic!("told in spite of an exit"));
}

fn error_that_exits() -> Box<dyn std::error::Error + Send + Sync> {
    #[derive(Debug)]
    struct Exits;
    impl std::fmt::Display for Exits {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            std::process::exit(3);
        }
    }
    impl std::error::Error for Exits {}
    Box::new(Exits)
}

/// What happens where no panic unwinds: the hook reports, and ends the process.
fn reported_by_the_hook() {
    let keeps = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        keeps(info);
        gaggle_sched::crash(info.payload());
    }));
    in_goroutine(|| {
        let _end = AtEnd(|| println!("it unwinds"));
        panic!("at the hook");
    });
}
