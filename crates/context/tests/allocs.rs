//! How often the allocator is asked (SEMANTICS S13: at most 5 times for with_cancel, cancel and done, at most
//! 8 for with_timeout).
#![cfg(not(loom))]

use gaggle_context::{background, with_cancel, with_timeout};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

/// Counts what this thread asks for.
struct Counting;

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

// SAFETY: System does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ASKED.try_with(|asked| asked.set(asked.get() + 1));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(place, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What the second call asks for: the first may fill pools.
fn asks(f: impl Fn()) -> u32 {
    f();
    let before = ASKED.with(Cell::get);
    f();
    ASKED.with(Cell::get) - before
}

#[test]
fn test_allocs() {
    assert_eq!(asks(|| assert!(background().done().is_nil())), 0);
    let cancelled = asks(|| {
        let (ctx, cancel) = with_cancel(&background());
        cancel.cancel();
        ctx.done();
    });
    assert!(cancelled <= 2, "{cancelled}");
    let waited_for = asks(|| {
        let (ctx, cancel) = with_cancel(&background());
        ctx.done();
        cancel.cancel();
    });
    assert!(waited_for <= 2, "{waited_for}");
    let (parent, _cancel) = with_cancel(&background());
    let child = asks(|| with_cancel(&parent).1.cancel());
    assert!(child <= 1, "{child}");
    let timed = asks(|| {
        let (_ctx, cancel) = with_timeout(&background(), Duration::from_secs(60));
        cancel.cancel();
    });
    assert!(timed <= 2, "{timed}");
}
