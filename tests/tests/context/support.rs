//! To run a test on a plain thread and on goroutines, with a watchdog.
//!
//! *Everywhere*: a test runs on a plain thread, on goroutines under 1, 2, 4 and 16 Ps, and there in a bubble
//! too, where its times are exact and locks count; one that hangs ends the process with a dump.

use gaggle::context::Error;
use gaggle::{chan, runtime, synctest, time};
use std::any::Any;
use std::sync::mpsc;
use std::time::Duration;

/// What no test may take, however slow the machine.
const LIMIT: Duration = Duration::from_secs(180);

/// Runs `test` on this thread, on goroutines, and in bubbles.
pub(crate) fn everywhere(test: fn()) {
    outside_bubbles_and(test, |test| synctest::Bubble::new().durable_locks().test(test));
}

/// Runs `test` on this thread and on goroutines: what others of the process do to it they do from outside
/// any bubble.
pub(crate) fn outside_bubbles(test: fn()) {
    outside_bubbles_and(test, |_| ());
}

fn outside_bubbles_and(test: fn(), and: fn(fn())) {
    let (_end, watched) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if watched.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
            gaggle_prim::fatal!("a test hangs");
        }
    });
    test();
    // SAFETY: the tests keep no thread-local across a switch point.
    unsafe {
        gaggle::run(move || {
            for procs in [1, 2, 4, 16] {
                runtime::gomaxprocs(procs);
                test();
                and(test);
            }
        });
    }
}

/// An error that equals its clones only.
pub(crate) fn error(text: &'static str) -> Error {
    Error::new(text)
}

/// A goroutine whose end can be waited for.
pub(crate) fn go(f: impl FnOnce() + Send + 'static) -> Box<dyn FnOnce()> {
    let ended = chan(1);
    let tell = ended.clone();
    gaggle_gopark::spawn(
        gaggle_gopark::Task::new(move || {
            f();
            tell.send(());
        }),
        std::panic::Location::caller(),
    );
    Box::new(move || assert_eq!(ended.recv(), Some(())))
}

/// Pauses a little.
pub(crate) fn pause() {
    time::sleep(Duration::from_millis(3));
}

/// The text of a caught panic.
pub(crate) fn text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or_else(|| payload.downcast_ref::<String>().map_or("?", String::as_str))
}
