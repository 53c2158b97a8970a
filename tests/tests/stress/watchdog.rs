//! Ends the process, with a dump of all goroutines, when a round takes far too long.

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What no round may take, however slow the machine.
const LIMIT: Duration = Duration::from_secs(60);

static ROUND: AtomicU64 = AtomicU64::new(0);
/// The number of Ps; 0 between rounds. Written before `ROUND`.
static PROCS: AtomicU64 = AtomicU64::new(0);

/// Notes that a round begins.
pub(crate) fn begin(procs: usize) {
    static START: Once = Once::new();
    START.call_once(|| drop(std::thread::spawn(watch)));
    PROCS.store(procs as u64, Ordering::Relaxed);
    ROUND.fetch_add(1, Ordering::Relaxed);
}

/// Notes that no round runs.
pub(crate) fn end() {
    PROCS.store(0, Ordering::Relaxed);
    ROUND.fetch_add(1, Ordering::Relaxed);
}

fn watch() {
    let (mut seen, mut since) = (0, Instant::now());
    loop {
        #[expect(clippy::disallowed_methods, reason = "a plain thread of the test")]
        std::thread::sleep(Duration::from_millis(200));
        let round = ROUND.load(Ordering::Relaxed);
        let procs = PROCS.load(Ordering::Relaxed);
        if round != seen || procs == 0 {
            (seen, since) = (round, Instant::now());
        } else if since.elapsed() > LIMIT {
            gaggle_prim::fatal!("round {round} of this process hangs, under {procs} Ps");
        }
    }
}
