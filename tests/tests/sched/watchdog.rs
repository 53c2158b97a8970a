//! Ends the process, with a dump of all goroutines, when a test takes far too long.
#![expect(clippy::disallowed_types, reason = "the watchdog must not depend on what it watches")]

use std::panic::Location;
use std::sync::{Mutex, MutexGuard, Once, TryLockError};
use std::time::{Duration, Instant};

/// What no test may take, however busy the machine.
const LIMIT: Duration = Duration::from_secs(120);

type Test = (&'static Location<'static>, Instant);

static RUNNING: Mutex<Vec<Test>> = Mutex::new(Vec::new());

/// Nobody waits for it inside std, which ThreadSanitizer does not see.
fn running() -> MutexGuard<'static, Vec<Test>> {
    loop {
        match RUNNING.try_lock() {
            Ok(running) => return running,
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
            Err(TryLockError::Poisoned(_)) => panic!("a watcher panicked"),
        }
    }
}

/// A test that runs; until it is dropped.
pub(crate) struct Watched(Test);

/// Begins to watch the test at `site`.
pub(crate) fn watch(site: &'static Location<'static>) -> Watched {
    static START: Once = Once::new();
    START.call_once(|| drop(std::thread::spawn(look)));
    let test = (site, Instant::now());
    running().push(test);
    Watched(test)
}

impl Drop for Watched {
    fn drop(&mut self) {
        running().retain(|test| *test != self.0);
    }
}

fn look() {
    loop {
        gaggle::time::sleep(Duration::from_millis(200)); // as a plain thread
        let slow = running().iter().find(|test| test.1.elapsed() > LIMIT).copied();
        if let Some((site, _)) = slow {
            gaggle_prim::fatal!("the test at {site} hangs");
        }
    }
}
