//! A stack overflow is reported as Go reports it (SEMANTICS D8); every other fault ends as it would without us.
//!
//! Each test runs one scenario in a child process and reads what is left of it.

use std::cell::UnsafeCell;
use std::env;
use std::hint::black_box;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::thread;

use gaggle_coro::overflow::{self, SignalStack};
use gaggle_coro::stack::{GuardKind, default_size, depot, guard_kind};
use gaggle_coro::{Backend, Context, Stack, backend, prepare, switch};

const CHILD: &str = "GAGGLE_CORO_TEST_CHILD";

/// Runs the test `name` again, as a child that plays the scenario.
fn child(name: &str, guard: &str) -> Output {
    Command::new(env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .env("GAGGLE_DEBUG", format!("guard={guard}"))
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap()
}

fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

/// Our stacks carry no contexts on the thread backend: nothing of this file is about it.
fn not_for_us() -> bool {
    backend() == Backend::Thread
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The three lines, the raw trace, the exit code.
fn assert_reported(output: &Output) {
    let text = text(output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let at = text.find("runtime: goroutine stack exceeds 262144-byte limit\n");
    let rest = &text[at.unwrap_or_else(|| panic!("no header in: {text}"))..];
    let lines: Vec<&str> = rest.lines().collect();
    assert!(lines[1].starts_with("runtime: sp=0x"), "{text}");
    assert!(lines[1].contains(" stack=[0x") && lines[1].ends_with(']'), "{text}");
    assert_eq!(lines[2], "fatal error: stack overflow");
    let pcs = lines.iter().filter(|line| line.starts_with("\t0x")).count();
    assert!(pcs >= 2, "a trace of at least the overflowing function and the root's entry: {text}");
}

/// Died by `signal`, and nothing of ours was said.
fn assert_killed(output: &Output, signal: i32) {
    let text = text(output);
    assert_eq!(output.status.signal(), Some(signal), "{text}");
    assert!(!text.contains("goroutine stack exceeds"), "{text}");
}

fn set_up() -> SignalStack {
    overflow::install(overflow::report_raw).unwrap();
    SignalStack::install().unwrap()
}

/// Starts `entry` on a stack of 256 KiB; it does not come back.
fn run(entry: unsafe extern "C" fn(usize) -> !) {
    let stack = depot().take(256 << 10).unwrap();
    run_on(&stack, entry);
}

fn run_on(stack: &Stack, entry: unsafe extern "C" fn(usize) -> !) {
    // SAFETY: the stack is idle and the process ends before it goes back.
    let context = unsafe { prepare(stack, entry) };
    let mut home = Context::empty();
    // SAFETY: fresh.
    unsafe { switch(&raw mut home, context, (&raw mut home).expose_provenance()) };
}

/// Recursion with frames of at least `BYTES`.
#[inline(never)]
fn recurse<const BYTES: usize>(depth: usize) -> usize {
    let mut frame = [0_u8; BYTES];
    black_box(&mut frame);
    if depth == 0 {
        return 0;
    }
    recurse::<BYTES>(depth - 1) + usize::from(black_box(&frame)[depth % BYTES])
}

unsafe extern "C" fn deep<const BYTES: usize>(_: usize) -> ! {
    black_box(recurse::<BYTES>(black_box(1 << 20)));
    unreachable!("a million frames do not fit");
}

unsafe extern "C" fn huge(_: usize) -> ! {
    black_box(recurse::<{ 800 << 10 }>(black_box(0)));
    unreachable!("the frame is bigger than the stack");
}

macro_rules! overflow_is_reported {
    ($($name:ident, $guard:literal, $entry:expr;)*) => {$(
        #[test]
        fn $name() {
            if is_child() {
                let _signals = set_up();
                run($entry);
            } else if !not_for_us() {
                assert_reported(&child(stringify!($name), $guard));
            }
        }
    )*};
}

overflow_is_reported! {
    a_deep_recursion_is_reported, "install", deep::<64>;
    frames_of_12_kb_are_reported, "install", deep::<{ 12 << 10 }>;
    one_frame_of_800_kb_is_reported, "install", huge;
    a_deep_recursion_is_reported_with_protected_guards, "mprotect", deep::<64>;
    frames_of_12_kb_are_reported_with_protected_guards, "mprotect", deep::<{ 12 << 10 }>;
    one_frame_of_800_kb_is_reported_with_protected_guards, "mprotect", huge;
    the_lowest_stack_of_a_group_is_reported_with_shared_guards, "shared", deep::<64>;
}

/// Suspends once, then overflows.
unsafe extern "C" fn overflow_when_resumed(home: usize) -> ! {
    let home = std::ptr::with_exposed_provenance::<Moving>(home);
    // SAFETY: the record outlives this context.
    let moving = unsafe { &*home };
    // SAFETY: home stands still while we run.
    let to = unsafe { *moving.home.get() };
    // SAFETY: as above; the slot is ours.
    unsafe { switch(moving.away.get(), to, 0) };
    // SAFETY: never returns.
    unsafe { deep::<64>(0) }
}

struct Moving {
    home: UnsafeCell<Context>,
    away: UnsafeCell<Context>,
}

// SAFETY: only the side that runs touches the slots.
unsafe impl Send for Moving {}

fn visit(moving: &Moving) {
    // SAFETY: away stands still while we run.
    let to = unsafe { *moving.away.get() };
    // SAFETY: as above; the slot is ours.
    unsafe { switch(moving.home.get(), to, (&raw const *moving).expose_provenance()) };
}

#[test]
fn an_overflow_after_a_move_to_another_thread_is_reported() {
    if is_child() {
        let _signals = set_up();
        let stack = depot().take(256 << 10).unwrap();
        // SAFETY: idle, and kept until the process ends.
        let away = unsafe { prepare(&stack, overflow_when_resumed) };
        let moving = Box::new(Moving { home: Context::empty().into(), away: away.into() });
        visit(&moving);
        let second = thread::spawn(move || {
            let _signals = SignalStack::install().unwrap();
            visit(&moving);
        });
        second.join().unwrap();
    } else if !not_for_us() {
        let name = "an_overflow_after_a_move_to_another_thread_is_reported";
        assert_reported(&child(name, "install"));
    }
}

#[test]
fn an_overflow_that_shared_guards_miss_is_found_when_the_stack_comes_back() {
    if is_child() {
        assert_eq!(guard_kind(), GuardKind::Shared);
        let below = depot().take(default_size()).unwrap();
        let stack = depot().take(default_size()).unwrap();
        assert_eq!(below.top().addr() + gaggle_page(), stack.limit(), "neighbours");
        // What an overflow does first: it touches the page that has no guard.
        let lowest = stack.top().wrapping_sub(stack.reserved());
        // SAFETY: mapped, used by nobody.
        unsafe { lowest.write_volatile(1) };
        depot().give(stack);
        println!("not found");
    } else {
        let name = "an_overflow_that_shared_guards_miss_is_found_when_the_stack_comes_back";
        let output = child(name, "shared");
        let text = text(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("goroutine stack exceeds 262144-byte limit"), "{text}");
        assert!(text.contains("fatal error: stack overflow (found late"), "{text}");
    }
}

fn gaggle_page() -> usize {
    // SAFETY: only asks.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}

#[test]
fn a_plain_threads_overflow_keeps_the_message_of_std() {
    if is_child() {
        overflow::install(overflow::report_raw).unwrap();
        thread::spawn(|| black_box(recurse::<64>(black_box(1 << 30)))).join().unwrap();
    } else {
        let output = child("a_plain_threads_overflow_keeps_the_message_of_std", "install");
        assert_killed(&output, libc::SIGABRT);
        assert!(text(&output).contains("has overflowed its stack"), "{}", text(&output));
    }
}

#[test]
fn an_overflow_of_a_threads_own_stack_keeps_the_message_of_std_beside_our_signal_stack() {
    if is_child() {
        overflow::install(overflow::report_raw).unwrap();
        let body = || {
            let _signals = SignalStack::install().unwrap();
            black_box(recurse::<64>(black_box(1 << 30)))
        };
        thread::spawn(body).join().unwrap();
    } else {
        let name =
            "an_overflow_of_a_threads_own_stack_keeps_the_message_of_std_beside_our_signal_stack";
        let output = child(name, "install");
        assert_killed(&output, libc::SIGABRT);
        assert!(text(&output).contains("has overflowed its stack"), "{}", text(&output));
    }
}

#[test]
fn a_wild_pointer_dies_by_sigsegv() {
    if is_child() {
        let _signals = set_up();
        let wild = std::ptr::without_provenance::<u8>(black_box(64));
        // SAFETY: none; that is the scenario.
        black_box(unsafe { wild.read_volatile() });
    } else {
        assert_killed(&child("a_wild_pointer_dies_by_sigsegv", "install"), libc::SIGSEGV);
    }
}

unsafe extern "C" fn pokes_below_another_stack(_: usize) -> ! {
    let other = depot().take(256 << 10).unwrap();
    let guard = other.top().wrapping_sub(other.reserved());
    // SAFETY: none; that is the scenario.
    unsafe { guard.write_volatile(1) };
    unreachable!("a guard was written");
}

#[test]
fn a_pointer_into_the_guard_of_another_stack_is_no_overflow() {
    if is_child() {
        let _signals = set_up();
        run(pokes_below_another_stack);
    } else {
        let output = child("a_pointer_into_the_guard_of_another_stack_is_no_overflow", "install");
        assert_killed(&output, libc::SIGSEGV);
    }
}

#[test]
fn a_sent_sigsegv_is_no_overflow_and_kills() {
    if is_child() {
        let _signals = set_up();
        // SAFETY: the default action of what we raise is the end.
        unsafe { libc::raise(libc::SIGSEGV) };
        println!("survived");
    } else {
        let output = child("a_sent_sigsegv_is_no_overflow_and_kills", "install");
        assert_killed(&output, libc::SIGSEGV);
    }
}

fn current() -> libc::stack_t {
    // SAFETY: all zeros is valid.
    let mut now: libc::stack_t = unsafe { std::mem::zeroed() };
    // SAFETY: only asks.
    unsafe { libc::sigaltstack(std::ptr::null(), &raw mut now) };
    now
}

/// The one below ends first: what the kernel goes back to in the end may be nobody else's stack.
#[test]
fn signal_stacks_may_end_in_any_order() {
    let work = || {
        let below = SignalStack::install().unwrap();
        let above = SignalStack::install().unwrap();
        let size = below.size();
        drop(below);
        drop(above);
        let at = current().ss_sp.addr();
        let all: Vec<_> = (0..8).map(|_| depot().take(size).unwrap()).collect();
        assert!(!all.iter().any(|stack| stack.contains(at)), "{at:#x} in {all:?}");
    };
    std::thread::spawn(work).join().unwrap();
}

#[test]
fn a_signal_stack_gives_way_to_the_former_one() {
    let before = current();
    let ours = SignalStack::install().unwrap();
    assert!(ours.size() >= 64 << 10);
    assert_eq!(current().ss_size, ours.size());
    assert_ne!(current().ss_sp, before.ss_sp);
    drop(ours);
    assert_eq!((current().ss_sp, current().ss_size), (before.ss_sp, before.ss_size));
}
