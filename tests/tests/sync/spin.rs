//! When a goroutine may wait for a lock by spinning.

use crate::field::{on, yield_until};
use gaggle_gopark as gopark;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn can_spin() -> bool {
    gopark::enter().can_spin()
}

/// K5: with one P nobody else could give the lock back meanwhile; with more, somebody else must be running,
/// and nobody waiting for our P.
#[test]
fn a_goroutine_spins_only_beside_another_that_runs() {
    on(1, || assert!(!can_spin()));
    on(2, || {
        yield_until(|| !can_spin()); // nobody else runs
        let stop = Arc::new(AtomicBool::new(false));
        let theirs = Arc::clone(&stop);
        let other = gaggle::spawn(move || {
            while !theirs.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
        yield_until(can_spin);
        stop.store(true, Ordering::Relaxed);
        assert!(other.join().is_ok());
        yield_until(|| !can_spin());
    });
}
