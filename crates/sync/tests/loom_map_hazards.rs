//! Models of a map whose pairs need no drop: readers say in a place what they look at, and who is out of places
//! (a model has two) counts.
//!
//! Two and not one: a writer finds the entry through a place too. If there is one only, it is the same line for both, so
//! either the writer meets the reader there or the reader's claim acquires what the writer did; a model with one place
//! passes without any fence, and shows nothing of what happens to two on two processors.
//!
//! Seen failing with entries that are free at once, with a claim after which the slot is not looked at again, and (four
//! of them) without the fence in `claim`. The one in `each` is not missed here: who sorts has opened a section and taken
//! a lock, whose light fences are full ones to a model. The model beside `Hazards` misses it.
#![cfg(loom)]

#[path = "support/as_it_is.rs"]
mod as_it_is;

use as_it_is::AsItIs;
use gaggle_sync::Map;
use loom::sync::Arc;
use loom::thread;
use std::hash::BuildHasherDefault;

type Model = Map<u64, u64, BuildHasherDefault<AsItIs>>;

/// Two that meet in a bin, and one that parts from them at the second level.
const TWINS: [u64; 2] = [0x1100 << 48, 0x1101 << 48];
const COUSIN: u64 = 0x1200 << 48;

fn model(f: impl Fn(Arc<Model>) + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    // An entry comes back to its own slot under a reader: that takes three.
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

/// What is seen of `key`, which stays as it is while it is looked at.
fn look(map: &Model, key: u64) -> Option<u64> {
    map.with(&key, |value| {
        let seen = *value;
        thread::yield_now();
        assert_eq!(*value, seen, "changed under a reader");
        seen
    })
}

#[test]
fn map_look_races_replace_and_reuse() {
    model(|map| {
        map.store(1, 1);
        let reader = beside(&map, |map| look(map, 1));
        map.store(1, 2); // the first entry is worn, or free ..
        map.store(1, 3); // .. and used again
        let seen = reader.join().unwrap();
        assert!(matches!(seen, Some(1..=3)), "{seen:?}");
    });
}

#[test]
fn map_look_races_delete_and_reuse_for_another_key() {
    model(|map| {
        map.store(1, 1);
        let reader = beside(&map, |map| (look(map, 1), look(map, COUSIN)));
        assert_eq!(map.load_and_delete(&1), Some(1));
        map.store(COUSIN, 7);
        let (one, cousin) = reader.join().unwrap();
        assert!(one.is_none_or(|value| value == 1) && cousin.is_none_or(|value| value == 7));
    });
}

/// The first two have the places, the third, within them, counts.
#[test]
fn map_a_look_in_a_look_races_replace_and_reuse() {
    model(|map| {
        map.store(1, 1);
        let other = beside(&map, |map| {
            map.store(1, 2);
            map.store(1, 3);
        });
        map.with(&1, |value| {
            let seen = *value;
            map.with(&1, |value| {
                let seen = *value;
                assert!(look(&map, 1).is_some_and(|now| now >= seen));
                assert_eq!(*value, seen, "changed under a reader");
            });
            assert_eq!(*value, seen, "changed under a reader");
        });
        other.join().unwrap();
    });
}

/// The entry that a reader is about to look at is replaced, and used again for another key.
#[test]
fn map_a_plain_key_that_is_there_is_found() {
    for key in [1, TWINS[0]] {
        model(move |map| {
            map.store(key, 1);
            if key == TWINS[0] {
                map.store(TWINS[1], 1); // so both are in a bin
            }
            let reader = beside(&map, move |map| map.contains_key(&key));
            map.store(key, 2);
            map.store(COUSIN, 7); // in the memory of the first entry
            assert!(reader.join().unwrap());
        });
    }
}

#[test]
fn map_two_plain_swaps_see_each_other() {
    model(|map| {
        map.store(1, 5);
        let other = beside(&map, |map| map.swap(1, 10));
        let ours = map.swap(1, 20);
        let theirs = other.join().unwrap();
        match map.load(&1) {
            Some(10) => assert_eq!((ours, theirs), (Some(5), Some(20))),
            Some(20) => assert_eq!((ours, theirs), (Some(10), Some(5))),
            left => panic!("{left:?} {ours:?} {theirs:?}"),
        }
    });
}

#[test]
fn map_range_and_look_race_replace_and_reuse() {
    model(|map| {
        map.store(1, 1);
        let other = beside(&map, |map| {
            map.store(1, 2);
            map.store(1, 3);
        });
        map.range(|key, value| {
            let seen = *value;
            assert_eq!(look(&map, *key).map(|now| now >= seen), Some(true));
            assert_eq!(*value, seen, "changed under a walk");
            true
        });
        other.join().unwrap();
    });
}
