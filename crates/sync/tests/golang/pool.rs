//! From src/sync/pool_test.go.

use crate::support::{Signals, go, yield_now};
use gaggle_sync::Pool;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// TestPool (P1, P3): what is put comes back, until two ticks have passed.
pub fn test_pool() {
    let pool: Pool<&str> = Pool::new(|| "new");
    assert_eq!(pool.try_get(), None, "expected empty");
    pool.put("a");
    pool.put("b");
    assert_eq!(pool.try_get(), Some("b"), "the last put comes first, for one P");
    assert_eq!(pool.try_get(), Some("a"));
    assert_eq!(pool.try_get(), None);
    (0..100).for_each(|_| pool.put("c"));
    pool.tick(); // after one tick they are still there
    assert_eq!(pool.try_get(), Some("c"));
    pool.tick(); // the second takes them, but for what was used since
    pool.tick();
    assert_eq!(pool.try_get(), None);
}

/// TestPoolNew (P1).
pub fn test_pool_new() {
    let made = AtomicU32::new(0);
    let pool = Pool::new(|| made.fetch_add(1, Ordering::Relaxed) + 1);
    assert_eq!((pool.get(), pool.get()), (1, 2));
    pool.put(42);
    assert_eq!(pool.get(), 42);
    assert_eq!(pool.get(), 3);
}

/// TestPoolGC (P3): what ages out is dropped, once each.
pub fn test_pool_gc() {
    struct Counted(Arc<AtomicU32>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    const N: u32 = 100;
    let dropped = Arc::new(AtomicU32::new(0));
    let new = Arc::clone(&dropped);
    let pool = Pool::new(move || Counted(Arc::clone(&new)));
    (0..N).for_each(|_| pool.put(Counted(Arc::clone(&dropped))));
    pool.tick();
    assert_eq!(dropped.load(Ordering::Relaxed), 0, "one tick drops nothing");
    pool.tick();
    assert_eq!(dropped.load(Ordering::Relaxed), N);
    (0..N).for_each(|_| pool.put(Counted(Arc::clone(&dropped))));
    drop(pool);
    assert_eq!(dropped.load(Ordering::Relaxed), 2 * N, "the rest goes with the pool");
}

/// TestPoolRelease (P3): an item that was used in between does not age.
pub fn test_pool_release() {
    let pool: Pool<Arc<()>> = Pool::new(Arc::default);
    let kept = Arc::new(());
    pool.put(Arc::clone(&kept));
    for _ in 0..5 {
        pool.tick();
        let item = pool.try_get().expect("one tick takes nothing that was used");
        assert!(Arc::ptr_eq(&item, &kept));
        pool.put(item);
    }
    pool.tick();
    pool.tick();
    assert_eq!((pool.try_get().is_none(), Arc::strong_count(&kept)), (true, 1));
}

/// TestPoolStress: what comes out went in.
pub fn test_pool_stress() {
    const P: u32 = 10;
    let (pool, done) = (Arc::new(Pool::new(|| Box::new(0_u32))), Signals::default());
    for _ in 0..P {
        let (pool, done) = (Arc::clone(&pool), done.clone());
        go(move || {
            let mut mine = Box::new(0);
            for round in 0..10_000 {
                pool.put(mine);
                mine = pool.get();
                assert_eq!(*mine, 0, "expected 0, in round {round}");
            }
            done.send();
        });
    }
    (0..P).for_each(|_| done.recv());
}

/// TestPoolDequeue (P2, P5): one puts, all take: each item comes out exactly once.
pub fn test_pool_dequeue() {
    each_item_once(16);
}

/// TestPoolChain (P5): the same, of a shard that has to grow again and again.
pub fn test_pool_chain() {
    each_item_once(4096);
}

/// One puts, and takes one of each ten itself, `burst` at a time; nine take.
fn each_item_once(burst: u64) {
    const P: u32 = 10;
    const N: u64 = 100_000;
    struct Shared {
        pool: Pool<u64>,
        have: Vec<AtomicU32>,
        taken: AtomicU64,
        put: AtomicU64,
    }
    impl Shared {
        fn record(&self, item: u64) {
            let before = self.have[item as usize].fetch_add(1, Ordering::Relaxed);
            assert_eq!(before, 0, "item {item} came twice");
            self.taken.fetch_add(1, Ordering::Relaxed);
        }
    }
    let have = (0..N).map(|_| AtomicU32::new(0)).collect();
    let pool = Pool::<u64>::new(|| u64::MAX);
    let counts = [(); 2].map(|()| AtomicU64::new(0));
    let [taken, put] = counts;
    let (shared, done) = (Arc::new(Shared { pool, have, taken, put }), Signals::default());
    for _ in 0..P - 1 {
        let (shared, done) = (Arc::clone(&shared), done.clone());
        go(move || {
            let mut misses = 0;
            while shared.put.load(Ordering::Relaxed) < N && misses < 1_000_000 {
                if shared.put.load(Ordering::Relaxed) % (2 * burst) < burst {
                    yield_now(); // until there are some
                    continue;
                }
                match shared.pool.try_get() {
                    Some(item) => shared.record(item),
                    None => {
                        misses += 1;
                        yield_now();
                    }
                }
            }
            done.send();
        });
    }
    for item in 0..N {
        shared.pool.put(item);
        shared.put.fetch_add(1, Ordering::Relaxed);
        if item % 10 == 0
            && let Some(item) = shared.pool.try_get()
        {
            shared.record(item);
        }
    }
    (0..P - 1).for_each(|_| done.recv());
    std::iter::from_fn(|| shared.pool.try_get()).for_each(|item| shared.record(item));
    // Items may vanish (P1), when two are at one shard; but not many, and none comes twice.
    let taken = shared.taken.load(Ordering::Relaxed);
    assert!(taken > N / 2, "only {taken} of {N} came out");
}
