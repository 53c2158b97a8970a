//! Go's own tests of package context, by hand (go/TESTS.md section 7; SEMANTICS S), and tests of what
//! Gaggle adds: the forms of blocking operations that a context ends.
//!
//! *Everywhere*: each runs on a plain thread and on goroutines under 1, 2, 4 and 16 Ps; one that hangs
//! ends the process with a dump.

mod cause;
mod deadlines;
mod foreign;
mod forms;
mod races;
mod tree;
mod values;

use gaggle::context::{Context, Error};
use gaggle::{chan, runtime, select, time};
use std::any::Any;
use std::sync::mpsc;
use std::time::Duration;

/// What no test may take, however slow the machine.
const LIMIT: Duration = Duration::from_secs(180);

/// Long enough that nobody waits for it.
pub(crate) const FOREVER: Duration = Duration::from_secs(1_000_000);

/// So short that it is over soon.
pub(crate) const SHORT: Duration = Duration::from_millis(3);

/// Runs `test` on this thread and on goroutines.
pub(crate) fn everywhere(test: fn()) {
    let (_end, watched) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if watched.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
            gaggle_prim::fatal!("a test of contexts hangs");
        }
    });
    test();
    // SAFETY: the tests keep no thread-local across a switch point.
    unsafe {
        gaggle::run(move || {
            for procs in [1, 2, 4, 16] {
                runtime::gomaxprocs(procs);
                test();
            }
        });
    }
}

/// An error that equals its clones only.
pub(crate) fn error(text: &'static str) -> Error {
    Error::new(text)
}

/// True if the channel of `ctx` is closed now.
pub(crate) fn is_done(ctx: &Context) -> bool {
    select! {
        recv(ctx.done()) -> it => { assert_eq!(it, None); true },
        default => false,
    }
}

/// `ctx` has ended, with `err`.
#[track_caller]
pub(crate) fn ended(ctx: &Context, err: &Error) {
    assert!(is_done(ctx), "{ctx} is not done");
    assert_eq!(ctx.err().as_ref(), Some(err), "{ctx}");
}

/// `ctx` has not ended.
#[track_caller]
pub(crate) fn lives(ctx: &Context) {
    assert!(!is_done(ctx), "{ctx} is done");
    assert_eq!(ctx.err(), None, "{ctx}");
}

/// Waits until `ctx` has ended.
pub(crate) fn wait_for(ctx: &Context) {
    assert_eq!(ctx.done().recv(), None);
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
    time::sleep(SHORT);
}

/// The text of a caught panic.
pub(crate) fn text(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or_else(|| payload.downcast_ref::<String>().map_or("?", String::as_str))
}
