//! A model of the monitor, which may take a P, against a run that begins to be replayed.
#![cfg(loom)]

use gaggle_sched::gaze::Gaze;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;

const NO_RUN: u32 = 0;
const HERE: u32 = 1;

struct World {
    gaze: Gaze,
    phase: AtomicU32,
    /// Of one of them at a time: two at once are a race.
    p: UnsafeCell<u32>,
}

impl World {
    fn takes_the_p(&self) {
        // SAFETY: what the model is about.
        self.p.with_mut(|p| unsafe { *p += 1 });
    }
}

// SAFETY: as above.
unsafe impl Sync for World {}

/// Seen to fail without the fence of either side, and with an `end` that is Relaxed.
#[test]
fn a_run_begins_while_the_monitor_looks() {
    loom::model(|| {
        let (phase, p) = (AtomicU32::new(NO_RUN), UnsafeCell::new(0));
        let world = Arc::new(World { gaze: Gaze::new(), phase, p });
        let theirs = Arc::clone(&world);
        let monitor = thread::spawn(move || {
            theirs.gaze.begin();
            // Relaxed: the fence orders it.
            if theirs.phase.load(Ordering::Relaxed) == NO_RUN {
                theirs.takes_the_p();
            }
            theirs.gaze.end();
        });
        world.phase.store(HERE, Ordering::Relaxed); // Relaxed: as above
        while world.gaze.is_on() {
            thread::yield_now();
        }
        world.takes_the_p();
        monitor.join().unwrap();
    });
}
