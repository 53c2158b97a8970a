//! Fatal reports, each in a child process: text and exit code (D8: an overflow exits with 2).

mod support;

use std::hint::black_box;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use gaggle_runtime::traceback::{Registers, capture, fatal, prepare, walk_fault};
use support::{is_child, own_stack, run_child};

const HEADER: &[u8] = b"fatal error: on purpose\n\ngoroutine 1 [running]:\n";
const TRAILER: &[u8] = b"exit status 2\n";

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[inline(never)]
fn report_here() -> ! {
    let mut pcs = [0; 64];
    let n = capture(0, &mut pcs);
    fatal::report(HEADER, &pcs[..n], TRAILER, end_by_two)
}

fn end_by_two() -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(2) }
}

#[test]
fn a_report_is_header_frames_trailer_and_exit_code() {
    const NAME: &str = "a_report_is_header_frames_trailer_and_exit_code";
    if is_child(NAME) {
        fatal::prepare().expect("the thread starts");
        assert_eq!(fatal::threads(), 1);
        report_here();
    }
    let output = run_child(NAME);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let body = text.split_once("goroutine 1 [running]:\n").expect("the header").1;
    assert!(body.starts_with("traceback_fatal::report_here(...)\n\t"), "{text}");
    assert!(body.contains("traceback_fatal.rs:"), "{text}");
    assert!(body.ends_with("exit status 2\n"), "{text}");
}

#[test]
fn an_unprepared_report_is_raw() {
    const NAME: &str = "an_unprepared_report_is_raw";
    if is_child(NAME) {
        assert_eq!(fatal::threads(), 0);
        report_here();
    }
    assert_is_raw(&run_child(NAME));
}

#[test]
fn a_report_whose_symbolising_is_stuck_becomes_raw() {
    const NAME: &str = "a_report_whose_symbolising_is_stuck_becomes_raw";
    if is_child(NAME) {
        fatal::prepare().expect("the thread starts");
        // Dies while it holds the lock that symbolising needs.
        let here = report_here as *const () as *mut core::ffi::c_void;
        backtrace::resolve(here.wrapping_byte_add(1), |_| report_here());
        unreachable!("nothing was resolved");
    }
    assert_is_raw(&run_child(NAME));
}

fn assert_is_raw(output: &Output) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let body = text.split_once("goroutine 1 [running]:\n").expect("the header").1;
    let body = body.strip_suffix("exit status 2\n").expect("the trailer");
    assert!(body.lines().count() > 3, "{text}");
    assert!(body.lines().all(|line| line.starts_with("\t0x")), "{text}");
}

#[test]
fn of_two_reports_one_is_written() {
    const NAME: &str = "of_two_reports_one_is_written";
    if is_child(NAME) {
        fatal::prepare().expect("the thread starts");
        let start = std::sync::Barrier::new(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    start.wait();
                    report_here();
                });
            }
        });
    }
    for _ in 0..5 {
        let output = run_child(NAME);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert_eq!(text.matches("on purpose").count(), 1, "{text}");
        assert_eq!(text.matches("exit status 2").count(), 1, "{text}");
        assert_eq!(text.matches("traceback_fatal::report_here(...)").count(), 1, "{text}");
    }
}

/// Big enough for every frame of a handler in a debug build.
const ALT_STACK: usize = 128 << 10;

/// Runs `overflow` on a small thread whose overflow is reported by `on_fault`.
fn die_by(overflow: fn() -> usize) -> ! {
    prepare();
    fatal::prepare().expect("the thread starts");
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    let thread = thread.spawn(move || {
        let memory = Box::leak(vec![0_u8; ALT_STACK].into_boxed_slice());
        let alt =
            libc::stack_t { ss_sp: memory.as_mut_ptr().cast(), ss_flags: 0, ss_size: ALT_STACK };
        // SAFETY: leaked memory of that size, used by nobody else.
        assert_eq!(unsafe { libc::sigaltstack(&raw const alt, std::ptr::null_mut()) }, 0);
        // SAFETY: all zeros is a valid sigaction.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = on_fault as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        // SAFETY: `on_fault` has the signature that SA_SIGINFO asks for.
        let installed =
            unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, std::ptr::null_mut()) };
        assert_eq!(installed, 0);
        let stack = own_stack();
        STACK[0].store(stack.start, Ordering::Relaxed); // Relaxed: read on this thread
        STACK[1].store(stack.end, Ordering::Relaxed); // Relaxed: as above
        overflow()
    });
    let _ = thread.expect("a thread").join();
    unreachable!("it did not overflow");
}

/// Of the thread that is to overflow: to ask for it takes the allocator, which a handler must not.
static STACK: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

extern "C" fn on_fault(_: i32, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes the context of the fault, valid during the handler.
    let context = unsafe { &*context.cast::<libc::ucontext_t>() };
    let mut pcs = [0; 512];
    let [start, end] = [0, 1].map(|at| STACK[at].load(Ordering::Relaxed)); // Relaxed: as above
    // Rust's own account of a stack may begin below the guard; only what was touched is read.
    let stack = start + 4096..end;
    // SAFETY: this thread's own stack, in the handler of its own fault.
    let n = unsafe { walk_fault(Registers::from_ucontext(context), stack, &mut pcs) };
    fatal::report(b"fatal error: stack overflow\n\n", &pcs[..n], b"", end_by_two)
}

#[expect(unconditional_recursion, reason = "on purpose")]
#[inline(never)]
fn deeper(level: usize) -> usize {
    let local = black_box([level; 8]);
    black_box(deeper(level + 1)) + local[level % 8]
}

#[test]
fn an_overflow_by_recursion_shows_both_ends_of_the_stack() {
    const NAME: &str = "an_overflow_by_recursion_shows_both_ends_of_the_stack";
    if is_child(NAME) {
        die_by(|| deeper(0));
    }
    let output = run_child(NAME);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let (inner, outer) = text.split_once(" frames elided...\n").expect("too many frames");
    let inner = inner.strip_prefix("fatal error: stack overflow\n\n").expect("the header first");
    // Optimised, the fault may be in a function that was inlined into the innermost one.
    assert!(inner.matches("traceback_fatal::deeper(...)\n").count() >= 49, "{text}");
    assert!(outer.contains("traceback_fatal::deeper(...)\n"), "{text}");
    assert!(outer.contains("closure"), "the thread's own function in {text}");
}

#[inline(never)]
fn huge_frame() -> usize {
    let local = black_box([1_u8; 800 << 10]);
    usize::from(local[black_box(77)])
}

#[expect(unconditional_recursion, reason = "on purpose")]
#[inline(never)]
fn big_frame() -> usize {
    let local = black_box([1_u8; 12 << 10]);
    black_box(big_frame()) + usize::from(local[black_box(77)])
}

#[test]
fn an_overflow_by_one_huge_frame_names_it_and_its_callers() {
    const NAME: &str = "an_overflow_by_one_huge_frame_names_it_and_its_callers";
    if is_child(NAME) {
        die_by(|| black_box(huge_frame()));
    }
    let output = run_child(NAME);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let body = text.strip_prefix("fatal error: stack overflow\n\n").expect("the header first");
    // Not the first where a sanitizer fills it, in a function of its own.
    assert!(body.contains("traceback_fatal::huge_frame(...)\n"), "{text}");
    assert!(body.contains("closure"), "its caller in {text}");
    assert!(!body.contains(".rs:0"), "{text}");
    assert!(!body.contains("on_fault"), "{text}");
}

#[test]
fn an_overflow_by_frames_of_several_pages_names_them() {
    const NAME: &str = "an_overflow_by_frames_of_several_pages_names_them";
    if is_child(NAME) {
        die_by(|| black_box(big_frame()));
    }
    let output = run_child(NAME);
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.matches("traceback_fatal::big_frame(...)\n").count() >= 10, "{text}");
}
