//! Runtime sections may not allocate, and they take stacks, switch and give stacks back: none of that touches the heap.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use gaggle_coro::stack::{
    Cache, GuardKind, default_size, depot, force_guard_kind, guard_kind, stats, trim,
};
use gaggle_coro::{Backend, Context, Stack, backend, prepare, switch};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, counting per thread.
struct Counting;

// SAFETY: passes everything on.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(body: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.with(Cell::get);
    body();
    ALLOCATIONS.with(Cell::get) - before
}

unsafe extern "C" fn bounce(payload: usize) -> ! {
    // SAFETY: the payload is the address of both ends, which outlive the loop.
    let ends = unsafe { &*std::ptr::with_exposed_provenance::<[Cell<Context>; 2]>(payload) };
    loop {
        // SAFETY: home stands still while we run.
        unsafe { switch(ends[1].as_ptr(), ends[0].get(), 0) };
    }
}

/// Room for handles, without a heap.
fn hold<const N: usize>(mut next: impl FnMut() -> Stack) -> [Stack; N] {
    std::array::from_fn(|_| next())
}

fn exercise() {
    let mut cache = Cache::new();
    let held: [Stack; 200] = hold(|| cache.take().unwrap());
    let others: [Stack; 20] = hold(|| depot().take(1 << 20).unwrap());
    for stack in held {
        cache.put(stack);
    }
    drop(others);
    let stack = cache.take().unwrap();
    if backend() == Backend::Inline {
        // SAFETY: idle, and kept while the context is used.
        let away = unsafe { prepare(&stack, bounce) };
        let ends = [Cell::new(Context::empty()), Cell::new(away)];
        let payload = (&raw const ends).expose_provenance();
        for _ in 0..10 {
            // SAFETY: the other side stands still.
            unsafe { switch(ends[0].as_ptr(), ends[1].get(), payload) };
        }
    }
    cache.put(stack);
    drop(cache);
    trim(1000);
    assert!(depot().take(usize::MAX).is_err());
    assert!(stats().slabs > 0);
    assert!(default_size() > 0);
}

#[test]
fn stacks_and_switches_never_touch_the_heap() {
    assert_ne!(allocations(|| drop(Box::new(1))), 0, "the counter counts");
    let rung = guard_kind();
    assert_eq!(allocations(exercise), 0);
    for kind in [GuardKind::Protect, GuardKind::Shared] {
        force_guard_kind(kind, None);
        // A size of its own, so that the stacks are new.
        let size = if kind == GuardKind::Protect { 4 << 20 } else { 8 << 20 };
        let new = || drop::<[Stack; 10]>(hold(|| depot().take(size).unwrap()));
        assert_eq!(allocations(new), 0, "{kind:?}");
    }
    force_guard_kind(rung, None);
}
