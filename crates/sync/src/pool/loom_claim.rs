//! Models of the claim to a shard: its owner and visitors never touch it at once.

use super::claim::{Claim, Owned};
use super::shard::{Age, Refused, Shard};
use gaggle_gopark as gopark;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

struct Guarded {
    claim: Claim,
    value: UnsafeCell<u32>,
}

// SAFETY: the claim protects the value, and the model checks that it does.
unsafe impl Send for Guarded {}
// SAFETY: as above.
unsafe impl Sync for Guarded {}

impl Guarded {
    fn touch(&self) {
        // SAFETY: the model checks that the accesses are ordered.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    fn visit(&self) -> u32 {
        let here = self.claim.visit();
        here.inspect(|_| self.touch()).map_or(0, |_| 1)
    }
}

#[test]
fn claim_owner_races_visitors() {
    loom::model(|| {
        let claim = Claim::new(Owned::ByP);
        let guarded = Arc::new(Guarded { claim, value: UnsafeCell::new(0) });
        let visitors = [(); 2].map(|()| {
            let guarded = Arc::clone(&guarded);
            thread::spawn(move || guarded.visit())
        });
        let mut touched = 0;
        for _ in 0..2 {
            // SAFETY: this thread alone plays the owner.
            if let Some(_here) = unsafe { guarded.claim.own() } {
                guarded.touch();
                touched += 1;
            }
        }
        touched += visitors.map(|visitor| visitor.join().unwrap()).into_iter().sum::<u32>();
        // SAFETY: the model checks that the accesses are ordered.
        assert_eq!(guarded.value.with(|value| unsafe { *value }), touched);
    });
}

/// SEMANTICS P7, Y17: an item has one taker, who sees what was done to it.
#[test]
fn an_item_is_taken_once() {
    loom::model(|| {
        let shard = Arc::new(Shard::new(Owned::ByP));
        let theirs = Arc::clone(&shard);
        let thief = thread::spawn(move || {
            let mut loot = Vec::with_capacity(1);
            theirs.steal(&gopark::enter(), Age::Fresh, &mut loot);
            loot.pop().map(|item: Box<u32>| *item)
        });
        let section = gopark::enter();
        let mut room = Vec::with_capacity(2);
        // SAFETY: this thread alone plays the owner.
        let put = unsafe { shard.push(&section, Box::new(7), &mut room) };
        let lost = matches!(put, Err(Refused::Busy(_)));
        // SAFETY: as above.
        let popped = unsafe { shard.pop(&section) };
        drop(section);
        let stolen = thief.join().unwrap();
        let section = gopark::enter();
        // SAFETY: as above.
        let left = unsafe { shard.pop(&section) };
        let found = usize::from(popped.is_some()) + usize::from(stolen.is_some());
        assert_eq!(found + usize::from(left.is_some()) + usize::from(lost), 1);
    });
}
