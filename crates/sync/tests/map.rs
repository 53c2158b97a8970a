//! What Go's tests do not say about the map: whose code runs when, what is dropped and when.
#![cfg(not(loom))]

use gaggle_sync::{Map, MapHasher};
use std::hash::{BuildHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Keys that use the map they are in while they are compared and hashed.
static MAP: Map<Nosy, u32> = Map::new();

#[derive(Clone, Debug)]
struct Nosy(u32);

impl Nosy {
    fn look(&self) {
        if self.0 < 100 {
            MAP.store(Nosy(self.0 + 1000), self.0);
            assert_eq!(MAP.load(&Nosy(self.0 + 1000)), Some(self.0));
            MAP.delete(&Nosy(self.0 + 2000));
        }
    }
}

impl PartialEq for Nosy {
    fn eq(&self, other: &Nosy) -> bool {
        self.look();
        self.0 == other.0
    }
}

impl Eq for Nosy {}

impl Hash for Nosy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.look();
        self.0.hash(state);
    }
}

#[test]
fn keys_may_use_the_map_while_they_are_compared() {
    for round in 0..20 {
        MAP.store(Nosy(7), round);
        assert_eq!(MAP.swap(Nosy(7), round + 1), Some(round));
        assert!(MAP.compare_and_swap(Nosy(7), &(round + 1), round));
        assert_eq!(MAP.load_or_store(Nosy(7), 0), (round, true));
    }
    assert_eq!(MAP.load_and_delete(&Nosy(7)), Some(19));
}

#[test]
fn a_value_is_dropped_when_it_is_replaced_or_deleted() {
    let kept = Arc::new(());
    let map = Map::<&str, Arc<()>>::new();
    map.store("a", Arc::clone(&kept));
    map.store("b", Arc::clone(&kept));
    map.store("a", Arc::new(()));
    assert_eq!(Arc::strong_count(&kept), 2);
    let held = map.with("b", |value| {
        map.delete("b"); // it stays while we look
        Arc::strong_count(value)
    });
    assert_eq!((held, Arc::strong_count(&kept)), (Some(2), 1));
    map.store("c", Arc::clone(&kept));
    map.clear();
    assert_eq!(Arc::strong_count(&kept), 1);
    map.store("d", Arc::clone(&kept));
    map.range(|_, value| {
        map.clear();
        assert_eq!(Arc::strong_count(value), 2, "it stays while we look");
        true
    });
    assert_eq!(Arc::strong_count(&kept), 1);
    map.store("e", Arc::clone(&kept));
    drop(map);
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn a_value_that_is_taken_out_is_moved_if_nobody_else_has_it() {
    #[derive(Debug)]
    struct Rare(Arc<()>);
    impl Clone for Rare {
        fn clone(&self) -> Rare {
            panic!("it need not be cloned");
        }
    }
    let map = Map::<u32, Rare>::new();
    map.store(1, Rare(Arc::new(())));
    let taken = map.load_and_delete(&1).expect("it was there");
    assert_eq!(Arc::strong_count(&taken.0), 1);
}

#[test]
fn a_panic_in_the_user_s_code_leaves_the_map_as_it_was() {
    #[derive(PartialEq, Eq, Hash)]
    struct Loud(u32);
    let map = Map::<Loud, Arc<()>>::new();
    let kept = Arc::new(());
    map.store(Loud(1), Arc::clone(&kept));
    let end = catch_unwind(AssertUnwindSafe(|| map.range(|_, _| panic!("in the range"))));
    assert!(end.is_err());
    assert!(catch_unwind(AssertUnwindSafe(|| map.with(&Loud(1), |_| panic!("in with")))).is_err());
    assert_eq!(Arc::strong_count(&kept), 2);
    map.delete(&Loud(1));
    assert_eq!(Arc::strong_count(&kept), 1);
}

/// A value that may panic when it is dropped, and is counted then.
struct Bomb {
    _kept: Arc<()>,
    goes_off: bool,
}

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.goes_off {
            panic!("dropped");
        }
    }
}

/// All others are dropped: with the map, and where a walk ends that has held them.
#[test]
fn a_value_that_panics_when_it_is_dropped_keeps_no_other() {
    for bomb in [0, 1, 50, 99] {
        let (map, kept) = (Map::<u32, Bomb>::new(), Arc::new(()));
        let fill = || {
            let bomb = |at| Bomb { _kept: Arc::clone(&kept), goes_off: at == bomb };
            (0..100).for_each(|at| map.store(at, bomb(at)));
            assert_eq!(Arc::strong_count(&kept), 101);
        };
        fill();
        let walk = || {
            map.range(|_, _| {
                (0..100).for_each(|at| map.delete(&at));
                false
            });
        };
        assert!(catch_unwind(AssertUnwindSafe(walk)).is_err());
        (0..100).for_each(|at| map.delete(&at)); // whom the walk did not come to
        assert_eq!(Arc::strong_count(&kept), 1, "after the walk");
        fill();
        assert!(catch_unwind(AssertUnwindSafe(move || drop(map))).is_err());
        assert_eq!(Arc::strong_count(&kept), 1, "with the map");
    }
}

#[test]
fn keys_are_found_by_what_they_borrow_and_shown() {
    let map = Map::<String, u32, MapHasher>::default();
    map.store("one".to_owned(), 1);
    assert_eq!((map.load("one"), map.load("two"), map.contains_key("one")), (Some(1), None, true));
    assert_eq!(format!("{map:?}"), r#"{"one": 1}"#);
    assert_eq!(MapHasher::new().hash_one("one"), MapHasher::new().hash_one("one"));
}
