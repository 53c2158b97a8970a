//! After `prepare`, collecting pcs allocates nothing (the contract of a signal handler).

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use gaggle_runtime::traceback::{capture, prepare, walk, write_raw};
use support::own_stack;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// The system allocator, counting this thread's calls of any kind.
struct Counting;

// SAFETY: every call goes to `System` unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: our caller's layout.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: our caller's block.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often `what` reached the allocator.
fn calls(what: impl FnOnce()) -> usize {
    let before = CALLS.get();
    what();
    CALLS.get() - before
}

#[test]
fn the_first_walk_and_the_next_allocate_nothing() {
    assert!(calls(|| drop(Box::new(1))) >= 2, "the allocator counts");
    prepare();
    let stack = own_stack();
    let mut pcs = [0; 128];
    for round in 0..3 {
        let mut found = 0;
        let made = calls(|| {
            let regs = registers_here!();
            // SAFETY: this thread's own stack.
            found = unsafe { walk(regs, stack.clone(), &mut pcs) };
        });
        assert_eq!(made, 0, "round {round}");
        assert!(found > 3, "{found}");
    }
}

#[test]
fn a_repeated_prepare_finds_nothing_to_build() {
    prepare();
    assert_eq!(calls(prepare), 0);
}

#[test]
fn capture_and_raw_writing_allocate_nothing() {
    let mut pcs = [0; 128];
    // The first use of the system unwinder may: it is std's affair.
    capture(0, &mut pcs);
    let null = std::fs::OpenOptions::new().write(true).open("/dev/null").expect("/dev/null");
    let fd = std::os::fd::AsRawFd::as_raw_fd(&null);
    assert_eq!(
        calls(|| {
            let n = capture(0, &mut pcs);
            write_raw(&pcs[..n], fd);
        }),
        0
    );
}
