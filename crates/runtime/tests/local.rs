//! `local!`: values of a goroutine, and what makes and drops them.

mod face;

use face::on_main;
use gaggle_runtime::{local, spawn};
use std::cell::Cell;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many `Loud`s were dropped.
static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts itself, and panics if it was made too late.
struct Late(bool);

impl Drop for Late {
    fn drop(&mut self) {
        DROPS.with(|drops| drops.set(drops.get() + 1));
        assert!(!self.0, "one too many");
    }
}

local! {
    static KEPT: Loud = Loud;
    static DROPS: Cell<usize> = Cell::new(0);
    static INSIDE: Cell<bool> = Cell::new(false);
    static AGAIN: Late = again();
}

/// Makes the value once more while it is being made: the inner one is the goroutine's.
fn again() -> Late {
    let first = !INSIDE.with(|inside| inside.replace(true));
    if first {
        AGAIN.with(|_| ());
    }
    Late(first)
}

/// The one that comes too late is dropped by user code, which may use locals and may panic: those that others
/// look at stay.
#[test]
fn a_value_that_comes_too_late_takes_no_other_with_it() {
    let dropped = on_main(|| {
        let look = || {
            KEPT.with(|_kept| {
                catch_unwind(|| AGAIN.with(|_| ())).unwrap_err();
                DROPPED.load(Ordering::Relaxed)
            })
        };
        let (dropped, drops) = spawn(move || (look(), DROPS.with(Cell::get))).join().unwrap();
        assert_eq!(drops, 1, "what the destructor noted stays, too");
        dropped
    });
    assert_eq!(dropped, 0, "it is still looked at");
}
