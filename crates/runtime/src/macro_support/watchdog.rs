//! Ends the process when a test takes too long: a hang becomes a text and a failure.
//!
//! *One At A Time*: calls of `run` are served one after the other, and a test rings when its body
//! begins and ends, so at most one body is timed; waiting for one's turn is no hang. One thread
//! keeps the time for all tests of the process. It readies nobody, so it is registered as one of
//! the runtime's own, and tests that deadlock are still found to.

use std::io::Write;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A bell that the thread hears; `None` if there is no thread to spare, and nothing is watched.
static BELL: OnceLock<Option<Sender<Bell>>> = OnceLock::new();

enum Bell {
    Started { name: &'static str, limit: Duration },
    Ended,
}

/// The body of test `name` begins.
pub(super) fn start(name: &'static str, limit: Duration) {
    ring(Bell::Started { name, limit });
}

/// The body has ended.
pub(super) fn stop() {
    ring(Bell::Ended);
}

/// Starts the thread if it does not run yet. Not for goroutines: it may block.
pub(super) fn prepare() {
    BELL.get_or_init(|| {
        let (bell, ears) = channel();
        let thread = std::thread::Builder::new().name("gaggle-watchdog".into());
        thread.spawn(move || watch(&ears)).ok()?;
        gaggle_sched::register_own_thread();
        Some(bell)
    });
}

/// Never blocks.
fn ring(bell: Bell) {
    if let Some(Some(thread)) = BELL.get() {
        // It hears until the process ends.
        let _ = thread.send(bell);
    }
}

fn watch(ears: &Receiver<Bell>) {
    while let Ok(bell) = ears.recv() {
        let Bell::Started { name, limit } = bell else { continue };
        if ears.recv_timeout(limit).err() == Some(RecvTimeoutError::Timeout) {
            give_up(name, limit);
        }
    }
}

fn give_up(name: &str, limit: Duration) -> ! {
    // Not eprintln: what the harness captured would die with the process.
    // A failed write leaves nobody to tell.
    let _ = writeln!(
        std::io::stderr(),
        "gaggle: test {name} has not ended within {limit:?}: it is blocked or busy; \
         {} goroutines exist",
        crate::num_goroutine()
    );
    std::process::abort();
}
