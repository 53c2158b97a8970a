//! Ends the process, with a dump of all goroutines, when a round takes far too long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once};
use std::time::{Duration, Instant};

/// What no round may take, however slow the machine.
const LIMIT: Duration = Duration::from_secs(60);

static ROUND: AtomicU64 = AtomicU64::new(0);
#[expect(clippy::disallowed_types, reason = "the watchdog must not depend on what it watches")]
static WHAT: Mutex<Option<(&str, usize, u64)>> = Mutex::new(None);

/// Notes that a round begins.
pub(crate) fn begin(name: &'static str, procs: usize, at: u64) {
    static START: Once = Once::new();
    START.call_once(|| drop(std::thread::spawn(watch)));
    *WHAT.lock().unwrap() = Some((name, procs, at));
    ROUND.fetch_add(1, Ordering::Relaxed);
}

/// Notes that no round runs.
pub(crate) fn end() {
    *WHAT.lock().unwrap() = None;
    ROUND.fetch_add(1, Ordering::Relaxed);
}

fn watch() {
    let (mut seen, mut since) = (0, Instant::now());
    loop {
        #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
        std::thread::sleep(Duration::from_millis(200));
        let round = ROUND.load(Ordering::Relaxed);
        let what = *WHAT.lock().unwrap();
        if round != seen || what.is_none() {
            (seen, since) = (round, Instant::now());
        } else if since.elapsed() > LIMIT {
            gaggle_prim::fatal!("a round hangs: {what:?}");
        }
    }
}
