//! Where Go's tests run here: plain threads stand for goroutines.
//!
//! *Alone*: one body runs at a time, watched; what it counts is its own.
#![expect(clippy::disallowed_types, reason = "for the test harness's own threads")]

use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

/// The capacities under which every body runs.
pub(crate) const CAPS: [usize; 5] = [0, 1, 2, 10, 100];

/// How often a body runs with each.
pub(crate) const TURNS: u32 = 1;

/// How many goroutines a long chain has; a thread each, here.
pub(crate) const CHAIN: usize = 100;

/// What no body may take, however busy the machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Who was started, to join.
pub(crate) type Handle<R> = std::thread::JoinHandle<R>;

/// Starts `f`.
pub(crate) fn go<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> Handle<R> {
    std::thread::spawn(f)
}

/// Lets others run.
pub(crate) fn yield_now() {
    std::thread::yield_now();
}

/// Runs `body` under every capacity.
#[track_caller]
pub(crate) fn matrix(name: &str, body: fn(usize)) {
    static ALONE: Mutex<()> = Mutex::new(());
    // A test that failed with it has no more use for it.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for cap in CAPS {
        let (tell, told) = mpsc::channel();
        let run = std::thread::spawn(move || {
            body(cap);
            tell.send(()).unwrap();
        });
        if let Err(mpsc::RecvTimeoutError::Timeout) = told.recv_timeout(LIMIT) {
            panic!("{name} hangs with capacity {cap}");
        }
        assert!(run.join().is_ok(), "{name} failed with capacity {cap}");
    }
}

/// Each body as a test of its name.
macro_rules! tests {
    ($($body:ident)*) => {
        mod run {
            $(#[test]
            fn $body() {
                crate::env::matrix(stringify!($body), super::$body);
            })*
        }
    };
}
