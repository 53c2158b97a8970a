//! Where a test runs: alone, watched, mostly on a goroutine under a number of Ps.
#![expect(clippy::disallowed_types, reason = "for the test harness's own threads")]

use crate::watchdog::{Watched, watch};
use gaggle::runtime;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The right to the scheduler, for a test that does not stand on a goroutine.
pub(crate) struct Alone {
    _turn: MutexGuard<'static, ()>,
    _watched: Watched,
}

/// Waits until no other test has the scheduler; watches this one from then on.
#[track_caller]
pub(crate) fn alone() -> Alone {
    static FIELD: Mutex<()> = Mutex::new(());
    let site = Location::caller();
    // A test that failed with it has no more use for it.
    let turn = FIELD.lock().unwrap_or_else(PoisonError::into_inner);
    Alone { _turn: turn, _watched: watch(site) }
}

/// Runs `body` on a goroutine under `procs` Ps and returns its value; its panic is one of the caller.
#[track_caller]
pub(crate) fn on<T: Send + 'static>(procs: usize, body: impl FnOnce() -> T + Send + 'static) -> T {
    let _alone = alone();
    let main = move || {
        runtime::gomaxprocs(procs);
        gaggle::spawn(body).join()
    };
    // SAFETY: no test keeps a thread-local, or a guard of one, across a switch point.
    let end = unsafe { gaggle::run(main) };
    // Again: the hook's message went to whatever output the M's thread has.
    end.unwrap_or_else(|panic| panic!("under {procs} Ps: {}", panic.message()))
}

/// The same under 1, 2 and 4 Ps.
#[track_caller]
pub(crate) fn on_each(body: fn()) {
    for procs in [1, 2, 4] {
        on(procs, body);
    }
}

/// Lets others run until `done`.
pub(crate) fn yield_until(done: impl Fn() -> bool) {
    while !done() {
        runtime::gosched();
    }
}
