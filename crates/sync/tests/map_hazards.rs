//! Maps whose pairs need no drop: what is looked at stays as it is, however often its key is stored meanwhile.
#![cfg(not(loom))]

use gaggle_sync::Map;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

/// Two numbers that agree unless they were torn, or read after they were overwritten.
type Twins = (u64, u64);

fn twins(number: u64) -> Twins {
    (number, !number)
}

/// Looks at `key`, `depth` times one in the other.
fn look(map: &Map<u64, Twins>, key: u64, depth: u32) {
    map.with(&key, |value| {
        let seen = *value;
        assert_eq!(seen, twins(seen.0), "torn");
        if depth > 0 {
            look(map, key, depth - 1);
        } else {
            thread::yield_now();
        }
        assert_eq!(*value, seen, "changed under a reader");
    });
}

#[test]
fn what_is_looked_at_stays_beside_writers() {
    const ROUNDS: u64 = if cfg!(miri) { 20 } else { 20_000 };
    let (map, writing) = (Map::new(), AtomicU32::new(0));
    let (map, writing) = (&map, &writing);
    (0..8).for_each(|key| map.store(key, twins(key)));
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for writer in 0..2 {
            writing.fetch_add(1, Ordering::Relaxed);
            threads.push(scope.spawn(move || {
                for round in 0..ROUNDS {
                    let key = (round * 5 + writer) % 8;
                    match round % 4 {
                        0 => map.delete(&key),
                        1 => _ = map.load_or_store(key, twins(round)),
                        2 => _ = map.swap(key, twins(round)),
                        _ => map.store(key, twins(round)),
                    }
                }
                writing.fetch_sub(1, Ordering::Relaxed);
            }));
        }
        for reader in 0..3 {
            threads.push(scope.spawn(move || {
                let mut round = reader;
                while writing.load(Ordering::Relaxed) > 0 {
                    look(map, round % 8, (round % 12) as u32); // more than there are places
                    assert!(map.load(&(round % 8)).is_none_or(|seen| seen == twins(seen.0)));
                    round += 1;
                }
            }));
        }
        // A sanitizer knows of a join, and not of how a scope ends.
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// One who looks; also one who fails lets the writers end.
struct Looking<'a>(&'a AtomicU32);

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Each look lasts until every entry that may be free was used again several times; and there are more who look than
/// places. Seen failing with one who sorts worn entries and keeps none back.
#[test]
fn a_look_outlasts_a_hundred_stores() {
    const LOOKS: u64 = if cfg!(miri) { 2 } else { 40 };
    let (map, stores, looking) = (Map::new(), AtomicU32::new(0), AtomicU32::new(12));
    let (map, stores, looking) = (&map, &stores, &looking);
    (0..3).for_each(|key| map.store(key, twins(key)));
    // Within a look others stored so often.
    let outlast = |seen: Twins, now: &dyn Fn() -> Twins| {
        let from = stores.load(Ordering::Relaxed);
        while stores.load(Ordering::Relaxed) - from < 100 {
            assert_eq!(now(), seen, "changed under a reader");
            thread::yield_now();
        }
        assert_eq!(now(), twins(seen.0), "torn");
    };
    let outlast = &outlast;
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for reader in 0..12 {
            threads.push(scope.spawn(move || {
                let _looking = Looking(looking);
                for round in 0..LOOKS {
                    match (reader + round) % 3 {
                        2 => map.range(|_, value| {
                            outlast(*value, &|| *value);
                            true
                        }),
                        key => _ = map.with(&key, |value| outlast(*value, &|| *value)),
                    }
                }
            }));
        }
        for writer in 0..2 {
            threads.push(scope.spawn(move || {
                let mut round = 0;
                while looking.load(Ordering::Relaxed) > 0 {
                    map.store((round + writer) % 3, twins(round));
                    stores.fetch_add(1, Ordering::Relaxed);
                    round += 1;
                }
            }));
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Seen failing with entries that are free as soon as nobody has a reference.
#[test]
fn many_who_look_at_one_key_each_keep_their_own_value() {
    let map = Map::new();
    fn nest(map: &Map<u64, Twins>, left: u64) {
        if left == 0 {
            // Every entry that was ever free is used again.
            (100..300).for_each(|number| map.store(7, twins(number)));
            return;
        }
        map.store(7, twins(left));
        map.with(&7, |value| {
            nest(map, left - 1);
            assert_eq!(*value, twins(left), "changed under a reader");
        });
    }
    nest(&map, 40);
    assert_eq!(map.load(&7), Some(twins(299)));
}

#[test]
fn a_reader_that_panics_gives_its_place_back() {
    let map = Map::new();
    map.store(1, twins(1));
    for _ in 0..100 {
        let thrown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            map.with(&1, |_| std::panic::resume_unwind(Box::new(())));
        }));
        assert!(thrown.is_err());
    }
    (0..100).for_each(|number| map.store(1, twins(number)));
    assert_eq!(map.load(&1), Some(twins(99)));
}

#[test]
fn large_pairs_are_counted() {
    let map = Map::new();
    map.store(1, [1_u64; 32]);
    map.with(&1, |value| {
        map.store(1, [2; 32]);
        map.store(1, [3; 32]);
        assert_eq!(*value, [1; 32]);
    });
    assert_eq!(map.swap(1, [4; 32]), Some([3; 32]));
}
