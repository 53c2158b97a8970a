//! Shared things that live for ever, so that their names can be copied into every goroutine.

use gaggle::race::{Cell, Word};
use gaggle::{Chan, chan};
use std::time::Duration;

/// `var x int`.
pub(crate) fn var() -> &'static Cell<i64> {
    cell(0)
}

/// A variable that begins as `value`.
pub(crate) fn cell<T: Word + Sync>(value: T) -> &'static Cell<T> {
    for_ever(Cell::new(value))
}

/// `make(chan T, cap)`.
pub(crate) fn make<T: Send + 'static>(cap: usize) -> &'static Chan<T> {
    for_ever(chan::<T>(cap))
}

/// Something that all may name.
pub(crate) fn for_ever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Runs `body` in two goroutines, and waits for both.
pub(crate) fn two(body: impl Fn() + Copy + Send + 'static) {
    let wg = gaggle::sync::WaitGroup::new();
    wg.go(body);
    wg.go(body);
    wg.wait();
}

/// Lets the others come as far as they can. What follows is true whether they did or not.
pub(crate) fn pause() {
    gaggle::time::sleep(Duration::from_millis(10));
}

/// Runs `f`, which may panic, in words nobody needs.
pub(crate) fn recovering(f: impl FnOnce()) {
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
}
