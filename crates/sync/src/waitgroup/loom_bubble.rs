//! Models of a group's first `add`s in bubbles: those of one bubble get on, of two bubbles one is refused.

use super::state::{Group, Refused};
use loom::sync::Arc;
use loom::thread;

/// What two first `add`s at once come to, in these bubbles.
fn two_enter(bubbles: [u32; 2]) -> [Result<(), Refused>; 2] {
    let group = Arc::new(Group::default());
    let theirs = Arc::clone(&group);
    let other = thread::spawn(move || theirs.enter(bubbles[1]));
    [group.enter(bubbles[0]), other.join().unwrap()]
}

/// Seen to fail with the number stored after the flag, and without the lock.
#[test]
fn two_first_adds_of_one_bubble() {
    loom::model(|| assert_eq!(two_enter([7, 7]), [Ok(()), Ok(())]));
}

/// SEMANTICS W6. Seen to fail without the lock.
#[test]
fn first_adds_of_two_bubbles() {
    loom::model(|| {
        let both = two_enter([7, 8]);
        let refused = [[Ok(()), Err(Refused::Other)], [Err(Refused::Other), Ok(())]];
        assert!(refused.contains(&both), "{both:?}");
    });
}
