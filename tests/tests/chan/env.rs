//! Where Go's tests run here: on goroutines, under each number of Ps.

use crate::field;
use gaggle::JoinHandle;

/// The capacities under which every body runs.
pub(crate) const CAPS: [usize; 5] = [0, 1, 2, 10, 100];

/// The numbers of Ps.
const PROCS: [usize; 4] = [1, 2, 4, 16];

/// How often a body runs with each capacity.
pub(crate) const TURNS: u32 = PROCS.len() as u32;

/// How many goroutines a long chain has.
pub(crate) const CHAIN: usize = 10_000;

/// Who was started, to join.
pub(crate) type Handle<R> = JoinHandle<R>;

/// Starts `f`.
pub(crate) fn go<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> Handle<R> {
    gaggle::spawn(f)
}

/// Lets others run.
pub(crate) fn yield_now() {
    gaggle::runtime::gosched();
}

/// Runs `body` under every capacity and every number of Ps.
#[track_caller]
pub(crate) fn matrix(name: &str, body: fn(usize)) {
    for procs in PROCS {
        for cap in CAPS {
            println!("{name}: capacity {cap}, {procs} Ps");
            field::on(procs, move || body(cap));
        }
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
