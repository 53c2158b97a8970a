//! A model of the hand-over alone, from a word that is prepared: to get there takes more switches than a model has.

use super::raw::RawMutex;
use super::state::{Contender, STARVING, WAITER};
use gaggle_prim::sync::atomic::Ordering;
use loom::sync::Arc;
use loom::thread;

/// The receiver is on its way, and the deadline of the one behind it comes: so it is the last, and its mutex
/// starves no longer. Seen to fail with a receiver that adds the difference of what it has seen.
#[test]
fn mutex_a_deadline_behind_the_receiver() {
    loom::model(|| {
        let raw = Arc::new(RawMutex::new());
        raw.state.store(STARVING | (2 * WAITER), Ordering::Relaxed); // Relaxed: nobody else is there
        let behind = Arc::clone(&raw);
        let behind = thread::spawn(move || assert!(behind.uncount()));
        let mut receiver = Contender::new(0);
        receiver.sleep(0);
        assert!(raw.rise(&mut receiver));
        behind.join().unwrap();
        raw.unlock_unnoted();
        assert!(raw.try_lock_unnoted(), "free, and not to be had: {raw:?}");
    });
}
