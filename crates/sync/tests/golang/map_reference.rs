//! From src/sync/map_reference_test.go and map_test.go: maps of three kinds, and the same random calls of all.

use super::map::{BadHash, TruncHash};
use gaggle_sync::{Map, MapHasher, Mutex, RwMutex};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// What a map can do (Q1).
trait Reference {
    fn load(&self, key: u64) -> Option<u64>;
    fn swap(&self, key: u64, value: u64) -> Option<u64>;
    fn load_or_store(&self, key: u64, value: u64) -> (u64, bool);
    fn load_and_delete(&self, key: u64) -> Option<u64>;
    fn compare_and_swap(&self, key: u64, old: u64, new: u64) -> bool;
    fn compare_and_delete(&self, key: u64, old: u64) -> bool;
    fn clear(&self);
    /// All of it, by `range`.
    fn copy(&self) -> HashMap<u64, u64>;

    fn store(&self, key: u64, value: u64) {
        self.swap(key, value);
    }

    fn delete(&self, key: u64) {
        self.load_and_delete(key);
    }
}

impl<S: BuildHasher> Reference for Map<u64, u64, S> {
    fn load(&self, key: u64) -> Option<u64> {
        Map::load(self, &key)
    }

    fn swap(&self, key: u64, value: u64) -> Option<u64> {
        Map::swap(self, key, value)
    }

    fn load_or_store(&self, key: u64, value: u64) -> (u64, bool) {
        Map::load_or_store(self, key, value)
    }

    fn load_and_delete(&self, key: u64) -> Option<u64> {
        Map::load_and_delete(self, &key)
    }

    fn compare_and_swap(&self, key: u64, old: u64, new: u64) -> bool {
        Map::compare_and_swap(self, key, &old, new)
    }

    fn compare_and_delete(&self, key: u64, old: u64) -> bool {
        Map::compare_and_delete(self, &key, &old)
    }

    fn clear(&self) {
        Map::clear(self);
    }

    fn copy(&self) -> HashMap<u64, u64> {
        let mut copy = HashMap::new();
        self.range(|&key, &value| {
            assert_eq!(copy.insert(key, value), None, "{key} twice");
            true
        });
        copy
    }

    fn store(&self, key: u64, value: u64) {
        Map::store(self, key, value);
    }

    fn delete(&self, key: u64) {
        Map::delete(self, &key);
    }
}

/// A plain map behind a lock, or one that is copied for each change.
trait Changed {
    fn look<R>(&self, f: impl FnOnce(&HashMap<u64, u64>) -> R) -> R;
    fn change<R>(&self, f: impl FnOnce(&mut HashMap<u64, u64>) -> R) -> R;
}

/// Go's RWMutexMap.
#[derive(Default)]
struct Locked(RwMutex<HashMap<u64, u64>>);

impl Changed for Locked {
    fn look<R>(&self, f: impl FnOnce(&HashMap<u64, u64>) -> R) -> R {
        f(&self.0.read())
    }

    fn change<R>(&self, f: impl FnOnce(&mut HashMap<u64, u64>) -> R) -> R {
        f(&mut self.0.write())
    }
}

/// Go's DeepCopyMap.
#[derive(Default)]
struct DeepCopied(Mutex<Arc<HashMap<u64, u64>>>);

impl Changed for DeepCopied {
    fn look<R>(&self, f: impl FnOnce(&HashMap<u64, u64>) -> R) -> R {
        let now = Arc::clone(&self.0.lock());
        f(&now)
    }

    fn change<R>(&self, f: impl FnOnce(&mut HashMap<u64, u64>) -> R) -> R {
        let mut place = self.0.lock();
        let mut copy = HashMap::clone(&place);
        let answer = f(&mut copy);
        *place = Arc::new(copy);
        answer
    }
}

impl<C: Changed> Reference for C {
    fn load(&self, key: u64) -> Option<u64> {
        self.look(|map| map.get(&key).copied())
    }

    fn swap(&self, key: u64, value: u64) -> Option<u64> {
        self.change(|map| map.insert(key, value))
    }

    fn load_or_store(&self, key: u64, value: u64) -> (u64, bool) {
        let there = self.load(key).is_some();
        (self.change(|map| *map.entry(key).or_insert(value)), there)
    }

    fn load_and_delete(&self, key: u64) -> Option<u64> {
        self.change(|map| map.remove(&key))
    }

    fn compare_and_swap(&self, key: u64, old: u64, new: u64) -> bool {
        self.change(|map| match map.get_mut(&key) {
            Some(value) if *value == old => {
                *value = new;
                true
            }
            _ => false,
        })
    }

    fn compare_and_delete(&self, key: u64, old: u64) -> bool {
        self.change(|map| map.get(&key) == Some(&old) && map.remove(&key).is_some())
    }

    fn clear(&self) {
        self.change(HashMap::clear);
    }

    fn copy(&self) -> HashMap<u64, u64> {
        self.look(HashMap::clone)
    }
}

/// What one call said.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Value(Option<u64>),
    Pair(u64, bool),
    Done(bool),
    All(HashMap<u64, u64>),
}

/// The random call number `at` of `seed`.
fn call(map: &impl Reference, seed: u64, at: u64) -> Said {
    let mut x = (seed << 32 | (at + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut below = |limit: u64| {
        x ^= x >> 29;
        x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
        (x >> 33) % limit
    };
    let (key, value, old) = (below(16), below(4), below(4));
    match below(18) {
        0 | 1 => Said::Value(map.load(key)),
        2 | 3 => {
            map.store(key, value);
            Said::Done(true)
        }
        4 | 5 => {
            let (there, loaded) = map.load_or_store(key, value);
            Said::Pair(there, loaded)
        }
        6 | 7 => Said::Value(map.load_and_delete(key)),
        8 | 9 => {
            map.delete(key);
            Said::Done(true)
        }
        10 | 11 => Said::Value(map.swap(key, value)),
        12 | 13 => Said::Done(map.compare_and_swap(key, old, value)),
        14 | 15 => Said::Done(map.compare_and_delete(key, old)),
        16 => Said::All(map.copy()),
        _ => {
            map.clear();
            Said::Done(true)
        }
    }
}

fn matches<A: Reference, B: Reference>(one: impl Fn() -> A, two: impl Fn() -> B) {
    for seed in 1..=200 {
        let (one, two) = (one(), two());
        for at in 0..200 {
            assert_eq!(call(&one, seed, at), call(&two, seed, at), "seed {seed}, call {at}");
        }
        assert_eq!(one.copy(), two.copy(), "seed {seed}");
    }
}

/// TestMapMatchesRWMutex (Q1, Q2).
pub fn test_map_matches_rw_mutex() {
    matches(Map::new, Locked::default);
    matches(|| Map::with_hasher(BadHash), Locked::default);
}

/// TestMapMatchesDeepCopy (Q1, Q2).
pub fn test_map_matches_deep_copy() {
    matches(Map::new, DeepCopied::default);
    matches(|| Map::with_hasher(TruncHash::default()), DeepCopied::default);
}

/// TestMapMatchesHashTrieMap (Q1, Q2, Q7): the trie is what our map is; here it is set against itself,
/// with all keys in one place.
pub fn test_map_matches_hash_trie_map() {
    matches(|| Map::with_hasher(MapHasher::new()), || Map::with_hasher(BadHash));
}
