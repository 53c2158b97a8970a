//! Go's own tests of package context, by hand (go/TESTS.md section 7; SEMANTICS S), and tests of what
//! Gaggle adds: the forms of blocking operations that a context ends.

mod cause;
#[path = "../crash/child.rs"]
#[expect(dead_code, reason = "shared with tests that use more of it")]
mod child;
mod deadlines;
mod foreign;
mod forms;
mod race_forms;
mod races;
#[expect(dead_code, reason = "shared with tests that use more of it")]
mod support;
mod tree;
mod values;

use gaggle::context::{Context, Error};
use gaggle::select;
use std::time::Duration;
pub(crate) use support::{error, everywhere, go, pause, text};

/// Long enough that nobody waits for it.
pub(crate) const FOREVER: Duration = Duration::from_secs(1_000_000);

/// So short that it is over soon.
pub(crate) const SHORT: Duration = Duration::from_millis(3);

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
