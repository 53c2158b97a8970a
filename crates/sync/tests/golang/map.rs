//! From src/sync/map_test.go and src/internal/sync/hashtriemap_test.go.

use crate::support::{Signals, go};
use gaggle_sync::{KeyHasher, Map, MapHasher};
use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}

/// All keys have one hash.
#[derive(Clone, Copy, Default)]
pub struct BadHash;

pub struct Constant;

impl Hasher for Constant {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, _: &[u8]) {}
}

impl BuildHasher for BadHash {
    type Hasher = Constant;

    fn build_hasher(&self) -> Constant {
        Constant
    }
}

/// Hashes of which few bits are left.
#[derive(Clone, Copy, Default)]
pub struct TruncHash(MapHasher);

pub struct Truncated(KeyHasher);

impl Hasher for Truncated {
    fn finish(&self) -> u64 {
        self.0.finish() & (((1 << 4) - 1) << 60 | 0x7)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
}

impl BuildHasher for TruncHash {
    type Hasher = Truncated;

    fn build_hasher(&self) -> Truncated {
        Truncated(self.0.build_hasher())
    }
}

/// TestHashTrieMap, BadHash, TruncHash: the operations, alone and by several at once, whatever the hash is worth.
pub fn test_hash_trie_map() {
    hash_trie_map(MapHasher::new, 512);
}

pub fn test_hash_trie_map_bad_hash() {
    hash_trie_map(|| BadHash, 32);
}

pub fn test_hash_trie_map_trunc_hash() {
    hash_trie_map(|| TruncHash(MapHasher::new()), 512);
}

fn hash_trie_map<S: BuildHasher + Send + Sync + 'static>(hasher: impl Fn() -> S, keys: u64) {
    alone(&Map::with_hasher(hasher()), keys);
    unshared_keys(Arc::new(Map::with_hasher(hasher())), keys / 4);
    shared_keys(Arc::new(Map::with_hasher(hasher())), keys);
    counted(Arc::new(Map::with_hasher(hasher())), keys);
}

fn text(key: u64) -> String {
    format!("key {key}")
}

/// Every key goes in once, is there, changes once, goes once.
fn alone<S: BuildHasher>(map: &Map<String, u64, S>, keys: u64) {
    for key in 0..keys {
        assert_eq!(map.load(&*text(key)), None);
        assert_eq!(map.load_or_store(text(key), key), (key, false));
        assert_eq!(map.load_or_store(text(key), 0), (key, true));
    }
    for key in 0..keys {
        assert!(!map.compare_and_swap(text(key), &(key + 1), 0));
        assert!(map.compare_and_swap(text(key), &key, key + 1));
        assert_eq!(map.swap(text(key), key + 2), Some(key + 1));
    }
    let mut seen = HashSet::new();
    map.range(|key, value| seen.insert((key.clone(), *value)));
    assert_eq!(seen.len() as u64, keys);
    for key in 0..keys {
        assert!(!map.compare_and_delete(&*text(key), &key));
        match key % 2 {
            0 => assert!(map.compare_and_delete(&*text(key), &(key + 2))),
            _ => assert_eq!(map.load_and_delete(&*text(key)), Some(key + 2)),
        }
        assert_eq!(map.load(&*text(key)), None);
    }
    map.range(|key, _| panic!("{key} is left"));
}

/// Runs `f` in four goroutines and waits for them.
fn four<T: Send + Sync + 'static>(shared: Arc<T>, f: fn(&T, u64, u64), keys: u64) {
    let done = Signals::default();
    for who in 0..4 {
        let (shared, done) = (Arc::clone(&shared), done.clone());
        go(move || {
            f(&shared, who, keys);
            done.send();
        });
    }
    (0..4).for_each(|_| done.recv());
}

/// Nobody else touches our keys, so all goes as if we were alone.
fn unshared_keys<S: BuildHasher + Send + Sync + 'static>(map: Arc<Map<u64, u64, S>>, keys: u64) {
    four(
        Arc::clone(&map),
        |map, who, keys| {
            for round in 0..10 {
                for key in (0..keys).map(|key| key * 4 + who) {
                    assert_eq!(map.load_or_store(key, round), (round, false));
                    assert_eq!(map.swap(key, round + 1), Some(round));
                    assert!(map.compare_and_swap(key, &(round + 1), round + 2));
                    assert_eq!(map.load(&key), Some(round + 2));
                    assert_eq!(map.load_and_delete(&key), Some(round + 2));
                    assert_eq!(map.load(&key), None);
                }
            }
        },
        keys,
    );
    map.range(|key, _| panic!("{key} is left"));
}

/// Of those who want the same, exactly one gets it.
fn shared_keys<S: BuildHasher + Send + Sync + 'static>(map: Arc<Map<u64, u64, S>>, keys: u64) {
    let won = Arc::new((map, AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0)));
    four(
        Arc::clone(&won),
        |(map, stored, swapped, _), who, keys| {
            for key in 0..keys {
                if !map.load_or_store(key, 0).1 {
                    stored.fetch_add(1, Ordering::Relaxed);
                }
                if map.compare_and_swap(key, &0, who + 1) {
                    swapped.fetch_add(1, Ordering::Relaxed);
                }
            }
        },
        keys,
    );
    assert_eq!((won.1.load(Ordering::Relaxed), won.2.load(Ordering::Relaxed)), (keys, keys));
    four(
        Arc::clone(&won),
        |(map, _, _, deleted), _, keys| {
            for key in 0..keys {
                if map.load_and_delete(&key).is_some() {
                    deleted.fetch_add(1, Ordering::Relaxed);
                }
            }
        },
        keys,
    );
    assert_eq!(won.3.load(Ordering::Relaxed), keys);
}

/// Each adds one to each value a number of times, by exchange.
fn counted<S: BuildHasher + Send + Sync + 'static>(map: Arc<Map<u64, u64, S>>, keys: u64) {
    four(
        Arc::clone(&map),
        |map, who, keys| {
            for at in 0..keys * 8 {
                let key = (at + who) % 8;
                loop {
                    let (value, _) = map.load_or_store(key, 0);
                    if map.compare_and_swap(key, &value, value + 1) {
                        break;
                    }
                }
            }
        },
        keys,
    );
    let mut values = Vec::new();
    map.range(|&key, &value| {
        values.push((key, value));
        true
    });
    values.sort_unstable();
    assert_eq!(values, (0..8).map(|key| (key, keys * 4)).collect::<Vec<_>>());
}

/// TestConcurrentRange (Q4): no key missed, none twice, while others store.
pub fn test_concurrent_range() {
    const KEYS: u64 = 1 << 10;
    let map = Arc::new(Map::<u64, u64>::new());
    (1..=KEYS).for_each(|key| map.store(key, key));
    let (stop, done) = (Arc::new(AtomicU32::new(0)), Signals::default());
    for who in 1..=4 {
        let (map, stop, done) = (Arc::clone(&map), Arc::clone(&stop), done.clone());
        go(move || {
            let mut round = 0;
            while stop.load(Ordering::Relaxed) == 0 && round < 10_000 {
                for key in (1..KEYS).filter(|key| key % who == 0) {
                    map.store(key, who * round * key);
                    if key % 7 == 0 {
                        map.store(key << 32, key); // others come and go
                        map.delete(&(key << 32));
                    }
                }
                round += 1;
            }
            done.send();
        });
    }
    for _ in 0..16 {
        let mut seen = HashSet::new();
        map.range(|&key, &value| {
            assert_eq!(
                value % (key & 0xffff_ffff).max(key >> 32),
                0,
                "while storing multiples of {key}"
            );
            assert!(seen.insert(key), "Range visited key {key} twice");
            true
        });
        assert_eq!((1..=KEYS).find(|key| !seen.contains(key)), None, "Range visited too few keys");
    }
    stop.store(1, Ordering::Relaxed);
    (0..4).for_each(|_| done.recv());
}

/// TestIssue40999: a map that stores and deletes new keys for ever does not keep them.
pub fn test_issue_40999() {
    let (map, kept) = (Map::<u64, Arc<()>>::new(), Arc::new(()));
    for key in 0..10_000 {
        map.store(key, Arc::clone(&kept));
        map.load_and_delete(&key);
        assert_eq!(Arc::strong_count(&kept), 1);
    }
}

/// TestMapRangeNestedCall (Q4): whatever is called inside.
pub fn test_map_range_nested_call() {
    let map = Map::<u32, &str>::new();
    for (key, value) in [(0, "hello"), (1, "world"), (2, "go")] {
        map.store(key, value);
    }
    map.range(|&key, _| {
        map.range(|key, value| {
            assert_eq!(map.load(key), Some(*value), "Nested Range loads unexpected value");
            let _stored = map.load_or_store(42, "dummy");
            assert_eq!(
                map.load_and_delete(&42),
                Some("dummy"),
                "Nested Range loads unexpected value"
            );
            true
        });
        map.delete(&key);
        true
    });
    map.range(|key, value| panic!("Unexpected sync.Map: {key} {value}"));
}

/// TestCompareAndSwap_NonExistingKey (Q3).
pub fn test_compare_and_swap_non_existing_key() {
    let map = Map::<u32, u32>::new();
    assert!(!map.compare_and_swap(0, &0, 42), "swapped a key that is not there");
    assert!(!map.compare_and_delete(&0, &0), "deleted a key that is not there");
}

/// TestConcurrentClear (Q5).
pub fn test_concurrent_clear() {
    let (map, done) = (Arc::new(Map::<u64, u64>::new()), Signals::default());
    const EACH: u64 = 10;
    for who in 0..EACH {
        for what in 0..3 {
            let (map, done) = (Arc::clone(&map), done.clone());
            go(move || {
                match what {
                    0 => map.store(who, who),
                    1 => map.range(|&key, &value| {
                        assert_eq!(key, value);
                        true
                    }),
                    _ => map.clear(),
                }
                done.send();
            });
        }
    }
    (0..3 * EACH).for_each(|_| done.recv());
    map.clear();
    map.range(|key, value| panic!("after Clear, Map contains ({key}, {value})"));
}

/// TestConcurrentCache: keys that are interned while others drop theirs.
pub fn test_concurrent_cache() {
    let (map, done) = (Arc::new(Map::<u64, Arc<u64>>::new()), Signals::default());
    for who in 0..4 {
        let (map, done) = (Arc::clone(&map), done.clone());
        go(move || {
            let mut numbers = Numbers(who + 1);
            for _ in 0..5_000 {
                let key = numbers.below(64);
                let (value, _) = map.load_or_store(key, Arc::new(key));
                assert_eq!(*value, key);
                if numbers.below(4) == 0 {
                    map.delete(&key);
                }
            }
            done.send();
        });
    }
    (0..4).for_each(|_| done.recv());
}
