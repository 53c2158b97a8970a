//! Pool and atomic.Value.

use super::parallel;
use gaggle::sync::Pool;
use gaggle::sync::atomic::Value;
use std::hint::black_box;

pub(super) fn pool(n: u64) {
    let pool: Pool<Box<u64>> = Pool::new(|| Box::new(1));
    pool.put(Box::new(1));
    parallel(n, 1, move |share| {
        for _ in 0..share {
            let item = pool.get();
            assert_eq!(*item, 1);
            pool.put(item);
        }
    });
}

pub(super) fn pool_overflow(n: u64) {
    let pool: Pool<u64> = Pool::new(|| 1);
    parallel(n, 1, move |share| {
        for _ in 0..share {
            (0..100).for_each(|_| pool.put(1));
            let sum: u64 = (0..100).map(|_| pool.get()).sum();
            assert_eq!(sum, 100);
        }
    });
}

pub(super) fn atomic_value(n: u64) {
    let value = Value::new();
    value.store(7_u64);
    parallel(n, 1, move |share| {
        for _ in 0..share {
            assert!(value.copied() == Some(7_u64));
        }
    });
}

pub(super) fn atomic_value_seen(n: u64) {
    let value = Value::new();
    value.store(7_u64);
    parallel(n, 1, move |share| {
        let mut seen = None;
        for _ in 0..share {
            black_box(&value).refresh::<u64>(&mut seen);
            assert_eq!(seen.as_deref(), Some(&7));
        }
    });
}
