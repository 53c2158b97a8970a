//! Who declares to catch panics: then they go where they went before the scheduler had a hook.

use crate::ends::panics::current;
use crate::goroutine::g::PanicRoute;

/// Until the guard is dropped, panics of this goroutine go to the hook that was there before the
/// scheduler's: somebody above has declared to catch them.
#[must_use = "the declaration ends when the guard is dropped"]
pub fn catching() -> Catching {
    if let Some(goroutine) = current() {
        let catchers = match goroutine.route.get() {
            PanicRoute::Crash => 0,
            PanicRoute::Caught(catchers) => catchers,
        };
        goroutine.route.set(PanicRoute::Caught(catchers + 1));
    }
    Catching(())
}

/// A declaration that panics are caught above. See [`catching`].
#[derive(Debug)]
pub struct Catching(());

impl Drop for Catching {
    fn drop(&mut self) {
        let Some(goroutine) = current() else { return };
        if let PanicRoute::Caught(catchers) = goroutine.route.get() {
            let route = match catchers {
                0 | 1 => PanicRoute::Crash,
                more => PanicRoute::Caught(more - 1),
            };
            goroutine.route.set(route);
        }
    }
}
