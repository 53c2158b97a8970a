//! The place for goroutine-local values: one per goroutine, one per plain thread.
//!
//! *Own Values*: a goroutine's place is touched by that goroutine alone, and emptied at its end,
//! outside sections, after its function has returned.

use crate::goroutine::{g::Goroutine, own::Own};
use core::any::Any;
use gaggle_gopark::{self as gopark, SeatKind};
use std::collections::HashMap;

/// Values by the address of what declares them.
pub type Locals = HashMap<usize, Box<dyn Any + Send>>;

/// A goroutine's place; nothing is allocated before the first value.
pub(crate) type LocalsPlace = Own<Option<Box<Locals>>>;

/// Destructors may make new values that many times over; what is left then is leaked.
const ROUNDS: usize = 8;

thread_local! {
    static OF_THREAD: LocalsPlace = const { Own::new(None) };
}

/// Calls `f` with the values of the calling goroutine, or of the thread if it is none.
///
/// # Panics
///
/// On a plain thread whose thread-locals have been destroyed.
pub fn with_locals<R>(f: impl FnOnce(&mut Locals) -> R) -> R {
    let goroutine = {
        let section = gopark::enter();
        (section.seat().kind() == SeatKind::Machine).then(|| Goroutine::of(section.current()))
    };
    match goroutine {
        Some(goroutine) => with_place(&goroutine.locals, f),
        None => OF_THREAD.with(|place| with_place(place, f)),
    }
}

fn with_place<R>(place: &LocalsPlace, f: impl FnOnce(&mut Locals) -> R) -> R {
    let mut locals = place.take().unwrap_or_default();
    let result = f(&mut locals);
    place.set(Some(locals));
    result
}

/// Drops the values of a goroutine that ends. The goroutine itself, outside sections.
pub(crate) fn drop_all(goroutine: &Goroutine, first: Box<Locals>) {
    drop(first);
    for _ in 0..ROUNDS {
        match goroutine.locals.take() {
            Some(more) => drop(more),
            None => return,
        }
    }
    core::mem::forget(goroutine.locals.take());
}
