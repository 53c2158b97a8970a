//! Models of the map: entries that are taken out, and used again, under readers and writers.
//!
//! The hash of a key is the key's upper half; a model's trie looks at its first eight bits only, so keys
//! that differ further down meet in a bin.
#![cfg(loom)]

#[path = "support/as_it_is.rs"]
mod as_it_is;

use as_it_is::AsItIs;
use gaggle_sync::Map;
use loom::sync::Arc;
use loom::thread;
use std::hash::BuildHasherDefault;

type Model = Map<u64, Box<u64>, BuildHasherDefault<AsItIs>>;

/// Three that meet in a bin, one that parts from them at the second level, one at the first.
const TWINS: [u64; 3] = [0x1100 << 48, 0x1101 << 48, 0x1102 << 48];
const COUSIN: u64 = 0x1200 << 48;

fn model(f: impl Fn(Arc<Model>) + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    // An entry comes back to its own slot under a walk: that takes three.
    builder.preemption_bound = builder.preemption_bound.map(|bound| bound.max(3));
    builder.check(move || f(Arc::new(Model::with_hasher(BuildHasherDefault::default()))));
}

fn beside<T: 'static>(
    map: &Arc<Model>,
    f: impl FnOnce(&Model) -> T + 'static,
) -> thread::JoinHandle<T> {
    let map = Arc::clone(map);
    thread::spawn(move || f(&map))
}

#[test]
fn map_load_races_replace_and_reuse() {
    model(|map| {
        map.store(1, Box::new(1));
        let reader = beside(&map, |map| map.load(&1).map(|value| *value));
        map.store(1, Box::new(2)); // the first entry becomes free ..
        map.store(1, Box::new(3)); // .. and is used again
        let seen = reader.join().unwrap();
        assert!(matches!(seen, Some(1..=3)), "{seen:?}");
    });
}

#[test]
fn map_load_races_delete_and_reuse_for_another_key() {
    model(|map| {
        map.store(1, Box::new(1));
        let reader = beside(&map, |map| (map.load(&1), map.load(&COUSIN)));
        assert_eq!(map.load_and_delete(&1), Some(Box::new(1)));
        map.store(COUSIN, Box::new(7));
        let (one, cousin) = reader.join().unwrap();
        assert!(one.is_none_or(|value| *value == 1) && cousin.is_none_or(|value| *value == 7));
    });
}

/// The entry that a reader is about to look at is replaced, and used again for another key.
#[test]
fn map_a_key_that_is_there_is_found() {
    for key in [1, TWINS[0]] {
        model(move |map| {
            map.store(key, Box::new(1));
            if key == TWINS[0] {
                map.store(TWINS[1], Box::new(1)); // so both are in a bin
            }
            let reader = beside(&map, move |map| map.contains_key(&key));
            map.store(key, Box::new(2));
            map.store(COUSIN, Box::new(7)); // in the memory of the first entry
            assert!(reader.join().unwrap());
        });
    }
}

#[test]
fn map_two_swaps_see_each_other() {
    model(|map| {
        let other = beside(&map, |map| map.swap(1, Box::new(10)).map(|old| *old));
        let ours = map.swap(1, Box::new(20)).map(|old| *old);
        let theirs = other.join().unwrap();
        let left = map.load(&1).map(|value| *value);
        match left {
            Some(10) => assert_eq!((ours, theirs), (None, Some(20))),
            Some(20) => assert_eq!((ours, theirs), (Some(10), None)),
            _ => panic!("{left:?} {ours:?} {theirs:?}"),
        }
    });
}

#[test]
fn map_push_down_races_load_and_delete() {
    model(|map| {
        map.store(TWINS[0], Box::new(1));
        let other = beside(&map, |map| map.load_and_delete(&TWINS[0]));
        map.store(COUSIN, Box::new(2));
        assert_eq!(other.join().unwrap(), Some(Box::new(1)));
        assert_eq!((map.load(&TWINS[0]), map.load(&COUSIN)), (None, Some(Box::new(2))));
    });
}

#[test]
fn map_two_inserts_in_a_bin() {
    model(|map| {
        map.store(TWINS[0], Box::new(0));
        map.store(TWINS[1], Box::new(1));
        map.delete(&TWINS[0]); // a place is free, and the key is absent
        let other = beside(&map, |map| map.load_or_store(TWINS[2], Box::new(10)));
        let ours = map.load_or_store(TWINS[2], Box::new(20));
        let theirs = other.join().unwrap();
        assert_eq!(ours.0, theirs.0, "two entries of one key");
        assert!(ours.1 != theirs.1, "both or neither stored");
        let mut count = 0;
        map.range(|_, _| {
            count += 1;
            true
        });
        assert_eq!(count, 2);
    });
}

#[test]
fn map_range_visits_no_key_of_a_bin_twice() {
    model(|map| {
        map.store(TWINS[0], Box::new(0));
        map.store(TWINS[1], Box::new(0));
        map.delete(&TWINS[1]); // the second place is free
        let other = beside(&map, |map| {
            map.delete(&TWINS[0]);
            map.store(TWINS[2], Box::new(0)); // takes its place
            map.store(TWINS[0], Box::new(0)); // comes to stand behind
        });
        let mut seen = Vec::new();
        map.range(|&key, _| {
            assert!(!seen.contains(&key), "Q4");
            seen.push(key);
            true
        });
        other.join().unwrap();
    });
}

/// What a range looks at stays as it is, also if it is replaced and its memory would be used again.
#[test]
fn map_range_races_replace_and_reuse() {
    model(|map| {
        map.store(1, Box::new(1));
        let other = beside(&map, |map| {
            map.store(1, Box::new(2));
            map.store(1, Box::new(3));
            map.delete(&1);
        });
        let mut seen = 0;
        map.range(|_, value| {
            assert!((1..=3).contains(&**value));
            loom::thread::yield_now();
            assert!((1..=3).contains(&**value));
            seen += 1;
            true
        });
        assert!(seen <= 1, "Q4");
        other.join().unwrap();
    });
}

#[test]
fn map_two_ranges_and_a_delete() {
    model(|map| {
        map.store(1, Box::new(1));
        let range = |map: &Model| {
            map.range(|_, value| {
                assert_eq!(**value, 1);
                loom::thread::yield_now();
                assert_eq!(**value, 1);
                true
            });
        };
        let first = beside(&map, range);
        let second = beside(&map, |map| map.load_and_delete(&1).map(|value| *value));
        range(&map);
        assert_eq!(second.join().unwrap(), Some(1));
        first.join().unwrap();
    });
}

/// SEMANTICS Q6, Y16: what was done before a store is seen by whoever finds it.
#[test]
fn map_store_publishes() {
    model(|map| {
        let shared = Arc::new(loom::cell::UnsafeCell::new(0));
        let theirs = Arc::clone(&shared);
        let other = beside(&map, move |map| {
            // SAFETY: the model checks that the accesses are ordered.
            theirs.with_mut(|value| unsafe { *value = 1 });
            map.store(1, Box::new(1));
        });
        if map.contains_key(&1) {
            // SAFETY: the model checks that the accesses are ordered.
            assert_eq!(shared.with(|value| unsafe { *value }), 1);
        }
        other.join().unwrap();
    });
}
