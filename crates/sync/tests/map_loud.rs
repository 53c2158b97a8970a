//! Maps in the hands of users who misbehave: all keys have one hash, comparing and copying panic every now and then,
//! and whoever ranges over them panics too. Nothing is lost, dropped twice or held on to.
#![cfg(not(loom))]

use gaggle_sync::Map;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;

#[derive(Default)]
struct AllOne;

impl Hasher for AllOne {
    fn write(&mut self, _: &[u8]) {}

    fn finish(&self) -> u64 {
        0
    }
}

static ALIVE: AtomicI64 = AtomicI64::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Panics each 61st time it is asked, without a word.
fn perhaps_panic() {
    if CALLS.fetch_add(1, Ordering::Relaxed) % 61 == 60 {
        resume_unwind(Box::new(()));
    }
}

/// One that is counted while it lives, and loud.
#[derive(Debug)]
struct Loud(u64, Box<u64>);

impl Loud {
    fn new(number: u64) -> Loud {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Loud(number, Box::new(!number))
    }

    fn check(&self) {
        assert_eq!(*self.1, !self.0, "torn, or dropped");
    }
}

impl Drop for Loud {
    fn drop(&mut self) {
        self.check();
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Clone for Loud {
    fn clone(&self) -> Loud {
        perhaps_panic();
        Loud::new(self.0)
    }
}

impl PartialEq for Loud {
    fn eq(&self, other: &Loud) -> bool {
        self.check();
        other.check();
        perhaps_panic();
        self.0 == other.0
    }
}

impl Eq for Loud {}

impl Hash for Loud {
    fn hash<H: Hasher>(&self, state: &mut H) {
        perhaps_panic();
        self.0.hash(state);
    }
}

type Bad = Map<Loud, Loud, BuildHasherDefault<AllOne>>;

fn one(map: &Bad, random: u64) {
    let (key, value) = (Loud::new(random >> 8 & 7), Loud::new(random >> 16 & 3));
    match random % 12 {
        0 => map.store(key, value),
        1 => map.delete(&key),
        2 => drop(map.load(&key)),
        3 => drop(map.swap(key, value)),
        4 => drop(map.load_or_store(key, value)),
        5 => drop(map.load_and_delete(&key)),
        6 => _ = map.compare_and_swap(key, &value, Loud::new(3)),
        7 => _ = map.compare_and_delete(&key, &value),
        8 => {
            map.with(&key, |value| {
                value.check();
                perhaps_panic();
            });
        }
        9 if random >> 20 & 15 == 0 => map.clear(),
        10 => map.range(|key, value| {
            key.check();
            value.check();
            perhaps_panic();
            if random >> 21 & 3 == 0 {
                map.store(Loud::new(random >> 24 & 7), Loud::new(9));
            }
            true
        }),
        _ => drop(format!("{map:?}")),
    }
}

#[test]
fn users_that_panic_and_keys_of_one_hash_lose_nothing() {
    const ROUNDS: u64 = if cfg!(miri) { 100 } else { 20_000 };
    let seed: u64 = 0x9e37_79b9_7f4a_7c15;
    println!("seed {seed:#x}");
    let map = Bad::with_hasher(BuildHasherDefault::default());
    let map = &map;
    thread::scope(|scope| {
        let run = |number: u64| {
            move || {
                let mut random = seed.wrapping_mul(number + 1) | 1;
                for _ in 0..ROUNDS {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    let end = catch_unwind(AssertUnwindSafe(|| one(map, random >> 3)));
                    // What they throw is nothing; what we assert is a text.
                    if let Err(thrown) = end {
                        assert!(thrown.is::<()>(), "{:?}", thrown.downcast_ref::<String>());
                    }
                }
            }
        };
        let threads: Vec<_> = (0..3).map(|number| scope.spawn(run(number))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let mut there = 0;
    while let Err(thrown) = catch_unwind(AssertUnwindSafe(|| {
        there = 0;
        map.range(|_, _| {
            there += 1;
            true
        });
    })) {
        assert!(thrown.is::<()>());
    }
    assert_eq!(
        ALIVE.load(Ordering::Relaxed),
        2 * there,
        "a key and a value for each that is there"
    );
    map.clear();
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0);
}
