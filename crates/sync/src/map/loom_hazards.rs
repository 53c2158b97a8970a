//! A model of the places alone: one looks, one takes away what is looked at and uses it again.
//!
//! Seen failing without the fence in `claim`, and without the one in `each`.

use super::hazards::Hazards;
use core::ptr::null_mut;
use gaggle_prim::cell::UnsafeCell;
use gaggle_prim::sync::atomic::{AtomicPtr, Ordering};
use loom::sync::Arc;

struct Both {
    hazards: Hazards,
    slot: AtomicPtr<()>,
    entry: UnsafeCell<u32>,
}

// SAFETY: the model checks that the accesses are ordered.
unsafe impl Sync for Both {}
// SAFETY: as above.
unsafe impl Send for Both {}

#[test]
fn a_look_races_removal_and_reuse() {
    loom::model(|| {
        let entry = UnsafeCell::new(0);
        let both = Both { hazards: Hazards::new(), slot: AtomicPtr::new(null_mut()), entry };
        let both = Arc::new(both);
        let word = core::ptr::without_provenance_mut(64);
        both.slot.store(word, Ordering::Release); // pairs with the Acquires below
        let theirs = Arc::clone(&both);
        let reader = loom::thread::spawn(move || {
            let Some(place) = theirs.hazards.claim(word) else { panic!("a place is free") };
            // Acquire: pairs with the Release above, as in `Slot::still`.
            if theirs.slot.load(Ordering::Acquire) == word {
                // SAFETY: Seen Or Gone, as the model checks.
                theirs.entry.with(|entry| assert_eq!(unsafe { *entry }, 0, "used again"));
            }
            place.clear();
        });
        both.slot.swap(null_mut(), Ordering::Release); // pairs with the Acquire above
        let mut seen = false;
        both.hazards.each(|entry| seen |= entry == word);
        if !seen {
            // SAFETY: Seen Or Gone, as the model checks.
            both.entry.with_mut(|entry| unsafe { *entry = 1 });
        }
        reader.join().unwrap();
    });
}
