//! Keys of shared calls are user code: compared, hashed and dropped where that may panic or use the group
//! (SEMANTICS X4).

use crate::support::{everywhere, go};
use gaggle::chan;
use gaggle::singleflight::{Group, Outcome};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A key whose destructor uses the group that it is a key of.
#[derive(Clone)]
struct Busy(u32, Option<Group<Busy, u32>>);

impl PartialEq for Busy {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Busy {}

impl Hash for Busy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(group) = self.1.take() {
            group.forget(&Busy(self.0 + 1, None));
        }
    }
}

/// Keys are dropped where nothing is held.
#[test]
fn the_destructor_of_a_key_may_use_the_group() {
    everywhere(|| {
        let group = Group::new();
        let key = || Busy(1, Some(group.clone()));
        assert_eq!(group.call(key(), || 7).value, 7);
        let forgets = group.clone();
        let value = group.call(key(), move || {
            forgets.forget(&Busy(1, None));
            8
        });
        assert_eq!(value, Outcome { value: 8, shared: false });
    });
}

/// A key of which each copy panics when it is dropped.
struct Brittle {
    copy: bool,
}

impl Clone for Brittle {
    fn clone(&self) -> Self {
        Self { copy: true }
    }
}

impl PartialEq for Brittle {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Brittle {}

impl Hash for Brittle {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Drop for Brittle {
    fn drop(&mut self) {
        if self.copy {
            resume_unwind(Box::new("in a destructor"));
        }
    }
}

/// X4: a key that panics when it is dropped does so where the call was made, and keeps nobody waiting.
#[test]
fn a_key_that_panics_keeps_nobody_waiting() {
    everywhere(|| {
        let (group, held, begun) = (Group::<Brittle, u32>::new(), chan::<()>(0), chan::<()>(0));
        let (theirs, hold, begin) = (group.clone(), held.clone(), begun.clone());
        let first = go(move || {
            let call =
                || theirs.call(Brittle { copy: false }, || (begin.close(), hold.recv(), 7).2);
            assert!(catch_unwind(AssertUnwindSafe(call)).is_err(), "its key panicked");
        });
        begun.recv();
        let second = group.call_chan(Brittle { copy: false }, || 8);
        held.close();
        assert_eq!(second.recv(), Some(Outcome { value: 7, shared: true }));
        first();
    });
}
