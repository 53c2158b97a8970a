//! Map.

use super::parallel;
use gaggle::sync::Map;
use std::sync::atomic::{AtomicU64, Ordering};

const KEYS: u64 = 1024;

/// A map of the numbers below `count`.
fn filled(count: u64) -> Map<u64, u64> {
    let map = Map::new();
    (0..count).for_each(|key| map.store(key, key));
    map
}

pub(super) fn load_hits(n: u64) {
    let map = filled(KEYS - 1);
    parallel(n, 1, move |share| {
        let hits = (0..share).filter(|at| map.load(&(at % KEYS)).is_some()).count() as u64;
        assert_eq!(hits, share - share / KEYS);
    });
}

pub(super) fn load_misses(n: u64) {
    let map = filled(1);
    parallel(n, 1, move |share| {
        let hits = (0..share).filter(|at| map.load(&(at % KEYS)).is_some()).count() as u64;
        assert_eq!(hits, share.div_ceil(KEYS));
    });
}

pub(super) fn store(n: u64) {
    let map = filled(KEYS);
    parallel(n, 1, move |share| (0..share).for_each(|at| map.store(at % KEYS, at)));
}

pub(super) fn load_or_store(n: u64) {
    let (map, next) = (Map::new(), AtomicU64::new(0));
    parallel(n, 1, move |share| {
        let first = next.fetch_add(share, Ordering::Relaxed);
        for key in first..first + share {
            let (value, loaded) = map.load_or_store(key / 2, key / 2);
            assert!(value == key / 2 && (loaded || key % 2 == 0 || key == first));
        }
    });
}

pub(super) fn delete(n: u64) {
    let (map, next) = (Map::new(), AtomicU64::new(0));
    parallel(n, 1, move |share| {
        let first = next.fetch_add(share, Ordering::Relaxed);
        for key in first..first + share {
            map.store(key, key);
            assert_eq!(map.load_and_delete(&key), Some(key));
        }
    });
}

pub(super) fn range(n: u64) {
    let map = filled(KEYS);
    parallel(n, 1, move |share| {
        for _ in 0..share {
            let mut sum = 0;
            map.range(|_, value| {
                sum += value;
                true
            });
            assert_eq!(sum, KEYS * (KEYS - 1) / 2);
        }
    });
}
